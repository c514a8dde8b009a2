// SPDX-License-Identifier: Apache-2.0

/// The templates, by name: kept in the program, so that it can be put anywhere.
///
/// Two braces escape (`HTMLText`); three take HTML that we drew ourselves: icons, strips, plots, logs.
enum Templates {
    static let all = [
        ("frame", frame), ("time", time), ("link", link), ("commit", commit), ("error", error),
        ("culprit", culprit), ("change", change), ("attempts", attempts), ("vector", vector), ("index", index),
        ("episode", episode), ("matrix", matrix), ("job", job), ("jobEpisode", jobEpisode), ("jobRuns", jobRuns),
        ("run", run),
        ("runJobs", runJobs), ("search", search), ("log", log), ("problem", problem),
    ]

    private static let time = """
        <time datetime="{{iso}}">{{text}}</time>
        """

    private static let link = """
        {{#href}}<a href="{{href}}">{{text}}</a>{{/href}}{{^href}}<span>{{text}}</span>{{/href}}
        """

    private static let commit = """
        {{#url}}<a class="sha" href="{{url}}">{{short}}</a>{{/url}}{{^url}}<span class="sha">{{short}}</span>{{/url}}
        """

    private static let error = """
        <p class="error">{{#place}}<span class="place">{{{place}}}</span> {{/place}}<bdi>{{text}}</bdi></p>
        """

    private static let culprit = """
        <li><b>{{what}}</b> {{#commit}}{{>commit}}{{/commit}}{{#subject}} <q><bdi>{{subject}}</bdi></q>{{/subject}}\
        {{#author}} <span class="by">by <bdi>{{author}}</bdi></span>{{/author}}\
        {{#probability}} <span class="label">{{probability}} sure</span>{{/probability}}</li>
        """

    private static let change = """
        <li><b>{{what}}</b> {{#from}}{{>commit}}{{/from}} → {{#to}}{{>commit}}{{/to}}\
        {{#compare}} <a href="{{compare}}">compare<span class="sr"> {{what}}</span></a>{{/compare}}</li>
        """

    private static let attempts = """
        {{#attempts}}<span class="attempt">{{{icon}}}{{#link}}{{>link}}{{/link}} <small>{{purpose}}, {{took}}</small>\
        </span> {{/attempts}}
        """

    private static let vector = """
        <ul class="vector">{{#vector}}<li><span>{{project}}</span> {{#commit}}{{>commit}}{{/commit}}</li>{{/vector}}</ul>
        """

    private static let problem = """
        {{<frame}}{{$body}}
        <h1>{{status}}</h1>
        <p class="lead">{{text}}</p>
        <p><a href="{{frame.home}}">All jobs</a></p>
        {{/body}}{{/frame}}
        """
}
