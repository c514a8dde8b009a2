// SPDX-License-Identifier: Apache-2.0

extension Templates {
    static let log = """
        {{<frame}}{{$body}}
        <nav class="crumbs" aria-label="Breadcrumb"><a href="{{frame.home}}">All jobs</a>{{#jobs}} \
        {{>link}}{{/jobs}}</nav>
        <div class="head">
        <h1>{{{icon}}}Attempt {{attempt}}</h1>
        <p class="lead">{{what}}: <b>{{result}}</b>{{#reason}}, {{reason}}{{/reason}}</p>
        {{#error}}{{>error}}{{/error}}
        </div>
        <dl class="facts-grid">
        <div><dt>purpose</dt><dd>{{purpose}}</dd></div>
        <div><dt>began</dt><dd>{{#startedAt}}{{>time}}{{/startedAt}}</dd></div>
        <div><dt>took</dt><dd>{{took}}</dd></div>
        <div><dt>run</dt><dd>{{#run}}{{>link}}{{/run}}</dd></div>
        <div><dt>build</dt><dd class="sha">{{key}}</dd></div>
        {{#size}}<div><dt>log</dt><dd>{{size}}{{#text}}, <a href="{{text}}">as text</a>{{/text}}</dd></div>{{/size}}
        </dl>
        {{#hasStages}}
        <nav class="stages" aria-label="Stages"><ol>{{#stages}}<li>{{#anchor}}<a href="#{{anchor}}">{{stage}}</a>{{/anchor}}\
        {{^anchor}}{{stage}}{{/anchor}} <small>{{took}}, {{exit}}</small></li>{{/stages}}</ol></nav>
        {{/hasStages}}
        <section aria-labelledby="h-log">
        <h2 id="h-log">Log{{#firstError}} <a class="jump" href="#{{firstError}}">jump to the first error</a>{{/firstError}}</h2>
        {{#log}}<pre class="log" id="log"\
        {{#follow}} data-follow="{{follow}}"{{/follow}}>{{{log}}}</pre>{{/log}}
        {{#absence}}<p class="why">{{absence}}</p>{{/absence}}
        </section>
        {{/body}}{{/frame}}
        """

    static let search = """
        {{<frame}}{{$body}}
        <nav class="crumbs" aria-label="Breadcrumb"><a href="{{frame.home}}">All jobs</a>{{#job}} {{>link}}{{/job}}</nav>
        <div class="head">
        <h1>Search {{id}}: {{finding}}</h1>
        <p class="lead"><bdi>{{question}}</bdi></p>
        {{#confirmation}}<p class="note">{{confirmation}}</p>{{/confirmation}}
        </div>
        <dl class="facts-grid">
        <div><dt>range</dt><dd>{{range}}</dd></div>
        <div><dt>builds</dt><dd>{{builds}}</dd></div>
        <div><dt>began</dt><dd>{{#startedAt}}{{>time}}{{/startedAt}}</dd></div>
        <div><dt>ended</dt><dd>{{#finishedAt}}{{>time}}{{/finishedAt}}{{^finishedAt}}goes on{{/finishedAt}}</dd></div>
        </dl>
        <section aria-labelledby="h-suspects">
        <h2 id="h-suspects">Suspects</h2>
        {{#picture}}<div class="figure">{{{picture}}}</div>{{/picture}}
        <div class="scroll" role="group" aria-labelledby="h-suspects" tabindex="0">
        <table class="list"><thead><tr><th scope="col" class="number">probability</th><th scope="col">suspect</th><th scope="col">commit</th>\
        <th scope="col">subject</th><th scope="col">author</th><th scope="col">committed</th></tr></thead><tbody>
        {{#suspects}}
        <tr><td class="number">{{probability}}</td><th scope="row">{{what}}</th><td>{{#commit}}{{>commit}}{{/commit}}</td>\
        <td class="text"><bdi>{{subject}}</bdi></td><td><bdi>{{author}}</bdi></td>\
        <td>{{#committedAt}}{{>time}}{{/committedAt}}</td></tr>
        {{/suspects}}
        </tbody></table>
        </div>
        </section>
        {{#hasProbes}}
        <section aria-labelledby="h-probes">
        <h2 id="h-probes">Probes</h2>
        <div class="scroll" role="group" aria-labelledby="h-probes" tabindex="0">
        <table class="list"><thead><tr><th scope="col" class="number">n</th><th scope="col">phase</th><th scope="col" class="number">position</th>\
        <th scope="col">at</th><th scope="col">answer</th><th scope="col">how</th><th scope="col">took</th>\
        <th scope="col">attempt</th></tr></thead><tbody>
        {{#probes}}
        <tr><td class="number">{{n}}</td><td>{{phase}}</td><td class="number">{{position}}</td><td>{{what}} \
        {{#commit}}{{>commit}}{{/commit}}</td><td class="nowrap">{{{icon}}}{{answer}}</td><td>{{how}}</td><td>{{took}}</td>\
        <td>{{#attempt}}{{>link}}{{/attempt}}</td></tr>
        {{/probes}}
        </tbody></table>
        </div>
        </section>
        {{/hasProbes}}
        {{/body}}{{/frame}}
        """
}
