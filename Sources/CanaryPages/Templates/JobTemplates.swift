// SPDX-License-Identifier: Apache-2.0

extension Templates {
    static let job = """
        {{<frame}}{{$body}}
        <nav class="crumbs" aria-label="Breadcrumb"><a href="{{frame.home}}">All jobs</a></nav>
        <div class="head">
        <h1>{{{icon}}}{{job}}</h1>
        <p class="lead"><b class="{{shape}}">{{word}}</b>{{#labels}} <span class="label">{{.}}</span>{{/labels}}\
        {{#since}}, began {{>time}}{{/since}} · <bdi>{{title}}</bdi></p>
        {{#loss}}<p class="note">{{loss}}</p>{{/loss}}
        </div>
        {{#episode}}
        <section aria-labelledby="h-episode">
        <h2 id="h-episode">What is known</h2>
        <div class="cards wide">{{>jobEpisode}}</div>
        </section>
        {{/episode}}
        <section aria-labelledby="h-facts">
        <h2 id="h-facts">State</h2>
        <dl class="facts-grid">
        <div><dt>last result</dt><dd>{{lastResult}}{{#lastRunAt}}, {{>time}}{{/lastRunAt}}</dd></div>
        {{#why}}<div><dt>last decision</dt><dd><bdi>{{why}}</bdi></dd></div>{{/why}}
        {{#flakeRate}}<div><dt>flake rate</dt><dd>{{flakeRate}} of good builds fail by accident</dd></div>{{/flakeRate}}
        {{#expected}}<div><dt>expected failure</dt><dd>{{>link}}</dd></div>{{/expected}}
        <div><dt>badge</dt><dd><a href="{{badge}}">shields.io endpoint</a></dd></div>
        </dl>
        </section>
        {{#hasChanges}}
        <section aria-labelledby="h-changes">
        <h2 id="h-changes">Changed between the last known good and the first known bad</h2>
        <ul class="changes">{{#changes}}{{>change}}{{/changes}}</ul>
        </section>
        {{/hasChanges}}
        <section aria-labelledby="h-ends">
        <h2 id="h-ends">Last known good, first known bad</h2>
        <div class="cards">
        <article class="card"><h3>Last known good</h3>\
        {{#good}}<p>{{#at}}{{>time}}{{/at}} in {{#run}}{{>link}}{{/run}}</p>{{>vector}}{{/good}}\
        {{^good}}<p class="why">It has never passed.</p>{{/good}}</article>
        <article class="card"><h3>First known bad</h3>\
        {{#bad}}<p>{{#at}}{{>time}}{{/at}} in {{#run}}{{>link}}{{/run}}</p>{{>vector}}{{/bad}}\
        {{^bad}}<p class="why">None since.</p>{{/bad}}</article>
        </div>
        </section>
        {{#durations}}
        <section aria-labelledby="h-durations">
        <h2 id="h-durations">Durations</h2>
        <div class="figure">{{{durations}}}</div>
        </section>
        {{/durations}}
        {{>jobRuns}}
        {{/body}}{{/frame}}
        """

    static let jobEpisode = """
        <article class="card {{shape}}" id="{{anchor}}">
        {{#hasCulprits}}<ul class="facts"><li class="lead">culprit</li>{{#culprits}}{{>culprit}}{{/culprits}}</ul>{{/hasCulprits}}
        {{^hasCulprits}}<p class="why">The culprit is not known yet.</p>{{/hasCulprits}}
        {{#error}}{{>error}}{{/error}}
        {{#waitsFor}}<p class="policy">waits for {{waitsFor}}{{#pagesAt}}; pages at the earliest {{>time}}{{/pagesAt}}</p>\
        {{/waitsFor}}
        {{#search}}<p class="policy">search {{>link}}</p>{{/search}}
        {{#told}}<p class="policy"><bdi>{{.}}</bdi></p>{{/told}}
        </article>
        """

    static let jobRuns = """
        <section aria-labelledby="h-runs">
        <h2 id="h-runs">Runs</h2>
        <div class="figure strip-figure">{{{strip}}}
        <ul class="legend" aria-label="Marks of the last 30 runs, the newest at the right">{{{legend}}}</ul></div>
        {{#hasEntries}}
        <div class="scroll" role="group" aria-labelledby="h-runs" tabindex="0">
        <table class="list"><thead><tr><th scope="col">run</th><th scope="col">began</th><th scope="col">result</th>\
        <th scope="col">revision</th><th scope="col">why</th><th scope="col">attempts</th><th scope="col">verdict</th></tr>\
        </thead><tbody>
        {{#entries}}
        <tr><th scope="row">{{#run}}{{>link}}{{/run}}{{^isJudged}} <span class="label">not judged</span>{{/isJudged}}</th>\
        <td>{{#at}}{{>time}}{{/at}}</td><td class="nowrap">{{{icon}}}{{result}}{{#isFlaky}} <span class="label">flaky</span>\
        {{/isFlaky}}</td><td>{{#commit}}{{>commit}}{{/commit}}</td><td class="text"><bdi>{{why}}</bdi></td>\
        <td>{{>attempts}}</td><td>{{verdict}}</td></tr>
        {{/entries}}
        </tbody></table>
        </div>
        {{/hasEntries}}
        {{^hasEntries}}<p class="why">No run yet.</p>{{/hasEntries}}
        </section>
        """
}
