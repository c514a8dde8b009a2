// SPDX-License-Identifier: Apache-2.0

extension Templates {
    static let run = """
        {{<frame}}{{$body}}
        <nav class="crumbs" aria-label="Breadcrumb"><a href="{{frame.home}}">All jobs</a></nav>
        <div class="head">
        <h1>Run {{run}}</h1>
        <p class="lead">{{state}}: {{summary}}</p>
        </div>
        <dl class="facts-grid">
        <div><dt>trigger</dt><dd><bdi>{{trigger}}</bdi></dd></div>
        <div><dt>began</dt><dd>{{#startedAt}}{{>time}}{{/startedAt}}</dd></div>
        <div><dt>ended</dt><dd>{{#finishedAt}}{{>time}}{{/finishedAt}}{{^finishedAt}}–{{/finishedAt}}</dd></div>
        <div><dt>took</dt><dd>{{took}}</dd></div>
        <div><dt>judged</dt><dd>{{#isJudged}}yes{{/isJudged}}{{^isJudged}}no: moves no verdict{{/isJudged}}</dd></div>
        <div><dt>document</dt><dd><a href="{{json}}">as JSON</a></dd></div>
        </dl>
        {{#hasTransitions}}
        <section aria-labelledby="h-changes">
        <h2 id="h-changes">Changes of verdict</h2>
        <ul class="losses">{{#transitions}}<li>{{{icon}}}<b>{{to}}</b> {{#job}}{{>link}}{{/job}} \
        <span class="why">was {{from}}; {{#at}}{{>time}}{{/at}}</span></li>{{/transitions}}</ul>
        </section>
        {{/hasTransitions}}
        {{#hasMessages}}
        <section aria-labelledby="h-told">
        <h2 id="h-told">News</h2>
        <ul class="losses">{{#messages}}<li><b>{{kind}}</b> {{#job}}{{>link}}{{/job}}</li>{{/messages}}</ul>
        </section>
        {{/hasMessages}}
        {{>runJobs}}
        {{#hasSnapshot}}
        <section aria-labelledby="h-snapshot">
        <h2 id="h-snapshot">Snapshot</h2>
        <ul class="vector">{{#snapshot}}<li><span>{{project}} <small>{{kind}}</small></span> {{#commit}}{{>commit}}{{/commit}}\
        {{#trouble}}<bdi class="why">{{trouble}}</bdi>{{/trouble}}</li>{{/snapshot}}</ul>
        <dl class="edges">{{#environments}}<div><dt>{{variant}}</dt><dd class="sha">{{id}}</dd></div>{{/environments}}</dl>
        </section>
        {{/hasSnapshot}}
        {{/body}}{{/frame}}
        """

    static let runJobs = """
        <section aria-labelledby="h-jobs">
        <h2 id="h-jobs">Jobs</h2>
        <div class="scroll" role="group" aria-labelledby="h-jobs" tabindex="0">
        <table class="list"><thead><tr><th scope="col">job</th><th scope="col">result</th><th scope="col">why</th>\
        <th scope="col">attempts</th><th scope="col">first error</th><th scope="col">verdict</th></tr></thead><tbody>
        {{#jobs}}
        <tr><th scope="row">{{#job}}{{>link}}{{/job}}</th><td class="nowrap">{{{icon}}}{{result}}\
        {{#stage}} <small>in {{stage}}</small>{{/stage}}{{#isFlaky}} <span class="label">flaky</span>{{/isFlaky}}</td>\
        <td class="text"><bdi>{{why}}</bdi>{{#fallback}}<br><small>on last known good: {{fallback}}</small>{{/fallback}}</td>\
        <td>{{>attempts}}</td><td class="text">{{#error}}{{>error}}{{/error}}</td><td>{{verdict}}</td></tr>
        {{/jobs}}
        </tbody></table>
        </div>
        </section>
        """
}
