/// How the page looks: on light and dark screens, on paper, on narrow screens.
enum PageStyle {
  /// Without `<` and `&`, which XML would not have here.
  static let text = """

    :root { color-scheme: light dark; --ink: #1f2328; --faint: #57606a; --paper: #ffffff; --rule: #d0d7de; --shade: #f6f8fa; }
    @media screen and (prefers-color-scheme: dark) {
      :root { --ink: #e6edf3; --faint: #9aa4ae; --paper: #12161b; --rule: #30363d; --shade: #1b2128; }
    }
    body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
      background: var(--paper); }
    h1 { font-size: 1.7rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
    h2 { font-size: 1.25rem; margin: 2.2rem 0 .8rem; border-bottom: 1px solid var(--rule); padding-bottom: .25rem; }
    h3 { font-size: 1rem; margin: 0 0 .5rem; }
    .unfinished { border-left: 4px solid #d55e00; padding: .4rem .8rem; background: var(--shade); }
    .wide { overflow-x: auto; margin: 0 0 .6rem; }
    table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; font-weight: 600; padding: .4rem 0; }
    th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
    thead th { border-bottom: 2px solid var(--rule); vertical-align: bottom; background: var(--shade); }
    tbody th { font-weight: 500; overflow-wrap: anywhere; min-width: 9rem; }
    .number { text-align: right; }
    td.number { white-space: nowrap; }
    .note, figcaption, li { color: var(--faint); font-size: .875rem; }
    .note { margin: 0 0 1.2rem; }
    figure { margin: 0 0 2rem; }
    figure svg, figure img { display: block; max-width: 100%; height: auto; }
    pre { overflow-x: auto; background: var(--shade); padding: .8rem; }
    .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    @page { size: A4 landscape; margin: 12mm; }
    @media print {
      body { max-width: none; padding: 0; font-size: 10pt; }
      .wide { overflow: visible; }
      table { font-size: 7.5pt; }
      th, td { padding: .15rem .3rem; }
      figure, tr { break-inside: avoid; }
      figure svg, figure img { max-height: 160mm; }
      h2, h3, caption { break-after: avoid; }
    }

    """
}
