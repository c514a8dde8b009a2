// SPDX-License-Identifier: Apache-2.0

extension Page {
    /// `style.css`: of all pages, light and dark, from phones to walls.
    package static let style = palette + layout + parts + figures

    private static let palette = """
        :root {
          color-scheme: light dark;
          --bg: #f7f8f8; --panel: #fff; --ink: #1b2025; --dim: #57616b; --line: #dde2e6; --faint: #eef1f3;
          --link: #0b57a4; --focus: #0b57a4;
          --passing: #0a7a53; --broken: #bd2f18; --suspected: #8f5f00; --lost: #6a49ad; --unknown: #626c76;
          --p: #45a583; --k: #c58a12; --f: #c8371e; --l: #7f5fc4; --n: #9aa5af; --on: #fff; --bird: #e2a400;
          --c1: #b3261e; --c2: #1a7431; --c3: #8a5a00; --c4: #1857b8; --c5: #8e3a9d; --c6: #0b6e7d;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --bg: #121518; --panel: #1a1e22; --ink: #e2e6e9; --dim: #9ca7b1; --line: #2c333a; --faint: #22272c;
            --link: #7ab5f2; --focus: #9ccaff;
            --passing: #4cc795; --broken: #ff8069; --suspected: #e6b445; --lost: #bba2f5; --unknown: #98a3ad;
            --p: #2f8f6b; --k: #d9a32b; --f: #f0654b; --l: #a387ea; --n: #5d6872; --on: #14171a; --bird: #f4bf2d;
            --c1: #ff7b72; --c2: #56d364; --c3: #e3b341; --c4: #79b8ff; --c5: #d2a8ff; --c6: #56d4dd;
          }
        }

        """

    private static let layout = """
        * { box-sizing: border-box; }
        html { font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
          -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
        body { margin: 0; background: var(--bg); color: var(--ink); overflow-wrap: anywhere; }
        a { color: var(--link); text-decoration: none; }
        a:hover { text-decoration: underline; }
        p a, li a, dd a, .list a { text-decoration: underline;
          text-decoration-color: color-mix(in srgb, currentColor 40%, transparent);
          text-underline-offset: .15em; }
        :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
        main:focus { outline: none; }
        .skip { position: absolute; left: -99rem; top: 0; background: var(--panel); padding: .6rem 1rem; z-index: 9; }
        .skip:focus { left: 0; }
        .sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        .symbols { position: absolute; }
        .banner, main, footer { max-width: 104rem; margin: 0 auto; padding: 0 1.25rem; }
        .banner { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: center; justify-content: space-between;
          padding-top: .7rem; padding-bottom: .7rem; }
        .brand { color: inherit; display: inline-flex; gap: .5rem; align-items: center; min-width: 0; }
        .brand b { white-space: nowrap; } .brand span { color: var(--dim); }
        .mark { width: 1.3rem; height: 1.3rem; fill: var(--bird); flex: none; }
        .pulse { margin: 0; color: var(--dim); font-size: .93rem; display: flex; flex-wrap: wrap; gap: 0 1.1rem; }
        .overdue { color: var(--broken); font-weight: 600; }
        #live:not(:empty)::before { content: ""; display: inline-block; width: .5rem; height: .5rem; border-radius: 50%;
          background: var(--p); margin-right: .4rem; }
        #live.off::before { background: none; border: 1.5px solid var(--dim); }
        main { padding-bottom: 1rem; }
        h1 { font-size: 1.55rem; line-height: 1.25; margin: .2rem 0 .3rem; font-weight: 650; letter-spacing: -.01em; }
        h1 .i { width: 1.3rem; height: 1.3rem; margin-right: .5rem; vertical-align: -.15rem; }
        h2 { font-size: 1rem; margin: 0 0 .55rem; font-weight: 650; }
        h3 { font-size: 1rem; margin: 0; font-weight: 600; }
        section, main > .facts-grid { margin-top: 1.6rem; }
        .head { margin-top: .4rem; }
        .lead { margin: 0 0 .3rem; color: var(--dim); }
        .lead b { color: var(--ink); }
        .note { margin: .3rem 0; padding: .4rem .7rem; border-left: 3px solid var(--lost); background: var(--faint); }
        .crumbs { display: flex; flex-wrap: wrap; gap: .2rem .9rem; font-size: .93rem; }
        .why, .since, .policy, .by { color: var(--dim); }
        small { font-size: .86em; color: var(--dim); }
        footer { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; color: var(--dim); font-size: .93rem;
          border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: .8rem; padding-bottom: 1.6rem; }
        footer p { margin: 0; } footer nav { display: flex; gap: 1rem; }
        ul { list-style: none; margin: 0; padding: 0; }

        """
}
