// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// Icons, cards, tables and lists.
    static let parts = """
        .i { width: 1rem; height: 1rem; vertical-align: -.14rem; margin-right: .4rem; flex: none; overflow: visible; }
        svg.passing, a.passing use { fill: var(--passing); } svg.broken, a.broken use { fill: var(--broken); }
        svg.suspected, a.suspected use { fill: var(--suspected); } svg.lost, a.lost use { fill: var(--lost); }
        svg.unknown, a.unknown use, svg.expected, a.expected use { fill: var(--unknown); }
        svg.lost, a.lost use { stroke: var(--lost); } svg.unknown, a.unknown use, svg.expected, a.expected use { stroke: var(--unknown); }
        symbol .on { fill: none; stroke: var(--on); stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
        symbol .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
        symbol .dashed { stroke-dasharray: 2.6 1.9; }
        b.passing, .word.passing { color: var(--passing); } .lead b.broken { color: var(--broken); }
        .lead b.suspected { color: var(--suspected); } .lead b.lost { color: var(--lost); }
        .lead b.unknown { color: var(--unknown); } .lead b.passing { color: var(--passing); }
        .tallies { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; margin: .5rem 0; font-variant-numeric: tabular-nums; }
        .tallies span { white-space: nowrap; }
        .label { font-size: .82rem; color: var(--dim); border: 1px solid var(--line); border-radius: 99px;
          padding: 0 .5rem; white-space: nowrap; font-weight: 400; }
        .list a.sha, a.sha { text-decoration: none; } a.sha:hover { text-decoration: underline; }
        .sha { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 27rem), 1fr));
          align-items: start; }
        .cards.wide { grid-template-columns: minmax(0, 1fr); }
        .card { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem;
          min-width: 0; overflow: hidden; }
        .card.broken { border-left: 4px solid var(--broken); } .card.suspected { border-left: 4px double var(--suspected); }
        .card p { margin: .3rem 0 0; }
        .card .word { margin-right: .25rem; } .card.broken .word { color: var(--broken); }
        .card.suspected .word { color: var(--suspected); }
        .card h3 a { color: inherit; }
        .others a { display: inline-block; margin-right: .5rem; }
        .facts { margin-top: .35rem; } .facts .lead { font-size: .86rem; margin: 0; }
        .error { font: .9rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
          background: var(--faint); border: solid var(--faint); border-width: .35rem .55rem; border-radius: 4px; margin: .45rem 0 0; max-width: 100%;
          display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; }
        .error .place { color: var(--dim); } .head .error { -webkit-line-clamp: 12; }
        td .error { background: none; border: 0; margin: 0; -webkit-line-clamp: 3; }
        .losses li { display: flex; flex-wrap: wrap; gap: 0 .5rem; align-items: baseline; padding: .2rem 0; }
        .losses .i { align-self: center; margin-right: 0; }
        .scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
        table { border-collapse: separate; border-spacing: 0; width: 100%; }
        th, td { text-align: left; vertical-align: top; padding: .38rem .7rem; border-bottom: 1px solid var(--line);
          font-weight: 400; }
        tbody tr:last-child > * { border-bottom: 0; }
        thead th { color: var(--dim); font-size: .88rem; white-space: nowrap; vertical-align: bottom; }
        .list td.text { min-width: 14rem; max-width: 34rem; } .list td { white-space: nowrap; }
        .list td.text { white-space: normal; overflow-wrap: anywhere; } .list .number { text-align: right; }
        .list time, .list th, .nowrap { white-space: nowrap; overflow-wrap: normal; } .number { font-variant-numeric: tabular-nums; }
        .attempt { display: block; white-space: nowrap; }
        .attempt .i { width: .85rem; height: .85rem; }
        .board:not(:has(thead tr + tr > :nth-child(4))) { width: fit-content; max-width: 100%; }
        .matrix { width: auto; min-width: 100%; }
        .matrix thead tr:first-child th { border-bottom: 0; padding-bottom: 0; color: var(--ink); font-weight: 600; }
        .matrix thead tr:first-child th:first-child { color: var(--dim);
          font-weight: 400; padding-bottom: .38rem; }
        .matrix th:first-child[scope=row], .matrix thead tr:first-child th:first-child { position: sticky; left: 0;
          background: var(--panel); z-index: 1; box-shadow: 1px 0 0 var(--line); }
        .matrix th[scope=row] { font-weight: 600; white-space: nowrap; max-width: 15rem; overflow: hidden;
          text-overflow: ellipsis; }
        .matrix th small { display: block; font-weight: 400; overflow: hidden; text-overflow: ellipsis; }
        .board { max-height: max(28rem, 88vh); overflow-y: auto; }
        .matrix thead { position: sticky; top: 0; z-index: 2; background: var(--panel); box-shadow: 0 1px 0 var(--line); }
        .matrix thead tr:last-child th { border-bottom: 0; }
        .matrix tbody > tr > * { border-bottom: 0; border-top: 1px solid var(--line); }
        .matrix .v { border-left: 1px solid var(--line); }
        .matrix td { min-width: 8.6rem; white-space: nowrap; }
        .matrix td a { color: var(--ink); white-space: nowrap; }
        .matrix td a.broken { color: var(--broken); font-weight: 600; } .matrix td a.suspected { color: var(--suspected); font-weight: 600; }
        .matrix td a.lost { color: var(--lost); } .matrix td a.unknown, .matrix td a.expected { color: var(--unknown); }
        .matrix td small { margin-left: .4rem; white-space: nowrap; }
        .matrix td:has(a.broken) { background: color-mix(in srgb, var(--broken) 9%, var(--panel)); }
        .matrix td:has(a.suspected) { background: color-mix(in srgb, var(--suspected) 9%, var(--panel)); }
        .matrix td:has(a.lost) { background: color-mix(in srgb, var(--lost) 7%, var(--panel)); }
        .matrix tr:target th { color: var(--link); }
        .matrix .none { color: var(--dim); font-size: .86rem; }
        .tools { margin: 0 0 .5rem; } .tools label { display: inline-flex; gap: .4rem; align-items: center; }
        body:has(#trouble:checked) tr.fine { display: none; }
        .legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; color: var(--dim); font-size: .88rem; margin-top: .45rem; }
        .vector { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.2rem), 1fr)); gap: .1rem 1.6rem;
          margin-top: .4rem; }
        .vector li { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 .6rem; }
        section > .vector { max-width: 68rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15.5rem), 1fr)); }
        .changes li { padding: .12rem 0; }
        dl { margin: 0; } dd { margin: 0; } dt { color: var(--dim); }
        .facts-grid { display: flex; flex-wrap: wrap; gap: .6rem 2rem; } .facts-grid dt { font-size: .86rem; }
        .facts-grid .sha { line-height: 1.61; }
        .edges { margin-top: .4rem; } .edges div { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .7rem; } .edges dt { color: var(--ink); font-weight: 600; min-width: 9rem; }
        details { margin-top: .5rem; } summary { color: var(--dim); cursor: pointer; width: fit-content; }
        @media (max-width: 40rem) {
          .banner, main, footer { padding-left: .8rem; padding-right: .8rem; }
          h1 { font-size: 1.3rem; }
          .matrix th[scope=row] { max-width: 9.5rem; padding: .38rem .5rem .38rem .6rem; white-space: normal;
            overflow-wrap: break-word; }
          .board { max-height: none; } .list td.text { min-width: 24rem; }
        }
        @media print { .scroll { overflow: visible; } .skip, .tools { display: none; } }

        """
}
