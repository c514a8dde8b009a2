// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// Strips, graph, plots and logs.
    static let figures = """
        .strip { display: block; width: 7.45rem; height: .9rem; margin-top: .25rem; }
        .sample { width: .25rem; height: 1rem; vertical-align: -.1rem; margin-right: .3rem; }
        .p { fill: var(--p); } .k { fill: var(--k); } .f { fill: var(--f); } .l { fill: var(--l); } .n { fill: var(--n); }
        .z { fill: var(--line); }
        .figure { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem; width: fit-content; max-width: 100%;
          margin-bottom: .6rem; }
        .strip-figure .strip { width: min(36rem, 100%); height: 2.2rem; margin: 0; }
        .graph { display: block; font-size: 12px; min-width: 100%; margin: .7rem 0; }
        .graph .e { fill: none; stroke: var(--n); stroke-width: 1.2; opacity: .75; }
        .graph .optional { stroke-dasharray: 4 3; }
        .graph .e.lit { stroke: var(--f); stroke-width: 2; opacity: 1; }
        .graph rect { fill: var(--panel); stroke: var(--line); stroke-width: 1.2; }
        .graph text { fill: var(--ink); }
        .graph a.lit rect { stroke: var(--f); stroke-width: 2; }
        .graph a.source rect { stroke-dasharray: 5 3; }
        .graph a.broken rect { fill: color-mix(in srgb, var(--broken) 12%, var(--panel)); stroke: var(--f); stroke-width: 2; }
        .graph a.broken text { font-weight: 700; }
        .graph a:hover text { text-decoration: underline; }
        .plot { display: block; max-width: 100%; height: auto; font-size: 11px; }
        .plot text { fill: var(--dim); }
        .plot .rule { stroke: var(--line); fill: none; }
        .plot .line { fill: none; stroke: var(--n); stroke-width: 1.2; }
        .plot .bar { fill: var(--link); } .plot .side { fill: var(--unknown); }
        .stages { margin-top: 1rem; } .stages ol { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; margin: 0; padding: 0; list-style: none; }
        .jump { font-weight: 400; margin-left: .7rem; font-size: .93rem; text-decoration: underline; }
        .log { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem 0;
          font: .88rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
          white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 8; unicode-bidi: plaintext; }
        .log > span { display: block; position: relative; padding: 0 .8rem 0 5rem; min-height: 1.5em; }
        .log > span::before { content: attr(data-n); position: absolute; left: 0; width: 4.2rem; text-align: right; color: var(--dim); }
        .log > .first { background: color-mix(in srgb, var(--broken) 13%, var(--panel)); box-shadow: inset 4px 0 var(--broken); }
        .log > span:target { background: color-mix(in srgb, var(--link) 14%, var(--panel)); box-shadow: inset 4px 0 var(--link); }
        .log > .stage { display: block; padding: .25rem .8rem; margin: .4rem 0; background: var(--faint); font-weight: 650; }
        .log > .gap { display: block; padding: .3rem .8rem .3rem 5rem; color: var(--dim); }
        .bold { font-weight: 700; } .faint { color: var(--dim); } .it { font-style: italic; } .ul { text-decoration: underline; }
        .c1, .c9 { color: var(--c1); } .c2, .c10 { color: var(--c2); } .c3, .c11 { color: var(--c3); }
        .c4, .c12 { color: var(--c4); } .c5, .c13 { color: var(--c5); } .c6, .c14 { color: var(--c6); } .c8 { color: var(--dim); }
        .b1, .b9 { background: color-mix(in srgb, var(--c1) 14%, transparent); } .b2, .b10 { background: color-mix(in srgb, var(--c2) 14%, transparent); }
        .b3, .b11 { background: color-mix(in srgb, var(--c3) 14%, transparent); } .b4, .b12 { background: color-mix(in srgb, var(--c4) 14%, transparent); }
        .b5, .b13 { background: color-mix(in srgb, var(--c5) 14%, transparent); } .b6, .b14 { background: color-mix(in srgb, var(--c6) 14%, transparent); }
        @media (max-width: 40rem) { .plot { font-size: 18px; } .log > span { padding-left: 3.4rem; } .log > span::before { width: 2.8rem; } .log > .gap { padding-left: 3.4rem; } }

        """
}
