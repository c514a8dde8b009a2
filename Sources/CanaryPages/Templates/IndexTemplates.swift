// SPDX-License-Identifier: Apache-2.0

extension Templates {
    static let index = """
        {{<frame}}{{$body}}
        <h1 class="tallies"><span class="sr">Jobs: </span>{{#tallies}}<span>{{{icon}}}{{count}} {{word}}</span> {{/tallies}}\
        {{^tallies}}{{headline}}{{/tallies}}</h1>
        {{#hasEpisodes}}
        <section aria-labelledby="h-open">
        <h2 id="h-open">Open breakage</h2>
        <div class="cards">
        {{#episodes}}
        {{>episode}}
        {{/episodes}}
        </div>
        </section>
        {{/hasEpisodes}}
        {{#hasLosses}}
        <section aria-labelledby="h-lost">
        <h2 id="h-lost">Lost coverage</h2>
        <ul class="losses">
        {{#losses}}
        <li>{{{icon}}}<b>{{word}}</b> {{#job}}{{>link}}{{/job}} <span class="why"><bdi>{{why}}</bdi>\
        {{#lastRunAt}}; last result {{>time}}{{/lastRunAt}}</span></li>
        {{/losses}}
        </ul>
        </section>
        {{/hasLosses}}
        {{>matrix}}
        <section aria-labelledby="h-graph">
        <h2 id="h-graph">Dependencies</h2>
        <div class="scroll" role="group" aria-labelledby="h-graph" tabindex="0">{{{graph}}}</div>
        <details><summary>The same in words</summary>
        <dl class="edges">{{#edges}}<div><dt>{{project}}</dt><dd>needs {{upstreams}}</dd></div>{{/edges}}</dl>
        </details>
        </section>
        <section aria-labelledby="h-good">
        <h2 id="h-good">Last known good</h2>
        <div class="cards">
        {{#goods}}
        <article class="card">
        <h3>{{variant}}</h3>
        {{#at}}<p>{{>time}} in {{#run}}{{>link}}{{/run}}, <a href="{{json}}">as JSON<span class="sr"> for {{variant}}</span>\
        </a></p>{{>vector}}{{/at}}
        {{^at}}<p class="why">None yet: no run in which every head job passed.</p>{{/at}}
        {{#except}}<p class="why">Failed as expected: {{except}}</p>{{/except}}
        </article>
        {{/goods}}
        </div>
        </section>
        {{#hasRuns}}
        <section aria-labelledby="h-runs">
        <h2 id="h-runs">Runs</h2>
        <div class="scroll" role="group" aria-labelledby="h-runs" tabindex="0">
        <table class="list"><thead><tr><th scope="col">run</th><th scope="col">began</th><th scope="col">took</th>\
        <th scope="col">trigger</th><th scope="col">results</th></tr></thead><tbody>
        {{#runs}}
        <tr><th scope="row">{{#run}}{{>link}}{{/run}}</th><td>{{#startedAt}}{{>time}}{{/startedAt}}</td><td class="nowrap">{{took}}</td>\
        <td class="text"><bdi>{{trigger}}</bdi>{{^isJudged}} <span class="label">not judged</span>{{/isJudged}}</td>\
        <td class="text">{{state}}: {{results}}</td></tr>
        {{/runs}}
        </tbody></table>
        </div>
        </section>
        {{/hasRuns}}
        {{/body}}{{/frame}}
        """

    static let episode = """
        <article class="card {{shape}}" id="{{anchor}}">
        <h3>{{{icon}}}<span class="word">{{word}}</span> {{#job}}{{>link}}{{/job}}{{#labels}} <span class="label">{{.}}\
        </span>{{/labels}}</h3>
        {{#hasOthers}}<p class="others">and {{#others}}{{>link}} {{/others}}</p>{{/hasOthers}}
        {{#since}}<p class="since">opened {{>time}}</p>{{/since}}
        {{#hasCulprits}}<ul class="facts"><li class="lead">culprit</li>{{#culprits}}{{>culprit}}{{/culprits}}</ul>{{/hasCulprits}}
        {{^hasCulprits}}<ul class="facts"><li class="lead">moved since it last passed</li>{{#changes}}{{>change}}{{/changes}}\
        {{#moreChanges}}<li>{{moreChanges}}</li>{{/moreChanges}}{{^changes}}<li>not known</li>{{/changes}}</ul>{{/hasCulprits}}
        {{#error}}{{>error}}{{/error}}
        {{#waitsFor}}<p class="policy">waits for {{waitsFor}}{{#pagesAt}}; pages at the earliest {{>time}}{{/pagesAt}}</p>\
        {{/waitsFor}}
        {{#search}}<p class="policy">search {{>link}}</p>{{/search}}
        {{#told}}<p class="policy"><bdi>{{.}}</bdi></p>{{/told}}
        </article>
        """

    static let matrix = """
        <section aria-labelledby="h-jobs">
        <h2 id="h-jobs">Jobs</h2>
        <p class="tools"><label><input type="checkbox" id="trouble"> only projects in trouble</label></p>
        <div class="scroll board" role="group" aria-labelledby="h-jobs" tabindex="0">
        <table class="matrix">
        <thead>
        <tr><th scope="col" rowspan="2">project</th>{{#columns}}<th scope="colgroup" colspan="{{span}}" class="v">{{name}}\
        </th>{{/columns}}</tr>
        <tr>{{#lanes}}<th scope="col"{{#isFirst}} class="v"{{/isFirst}}>{{lane}}</th>{{/lanes}}</tr>
        </thead>
        <tbody>
        {{#rows}}
        <tr id="p-{{name}}"{{#isFine}} class="fine"{{/isFine}}><th scope="row">{{name}}{{#title}}<small>{{title}}</small>\
        {{/title}}</th>\
        {{{cells}}}</tr>
        {{/rows}}
        </tbody>
        </table>
        </div>
        <ul class="legend" aria-label="Marks of the last 30 runs, the newest at the right">{{{legend}}}</ul>
        </section>
        """
}
