import Testing

@testable import Study

@Suite struct MarkupTests {
  static let hostile = "<b>&\"'|,;\u{1}*_`\n"

  /// Studies of each kind: whole, with hostile names, half done, of one image, of none, of nothing.
  static let records: [(kind: String, record: StudyRecord)] = {
    var half = SampleStudy(strategies: [("popcorn", "paper"), ("baseline", "paper")], images: 5).record
    half.runs.removeLast()
    var hostileRuns = SampleStudy(
      strategies: [("popcorn", hostile), (hostile, "paper"), ("baseline", "paper")], seeds: [1, 2], images: 3,
      prefix: hostile
    ).record
    for index in hostileRuns.runs.indices {
      hostileRuns.runs[index].words = hostile
      hostileRuns.runs[index].outcome = .refused
      hostileRuns.runs[index].modelDigest = hostile
      for point in hostileRuns.runs[index].latents.indices { hostileRuns.runs[index].latents[point].part = hostile }
    }
    var broken = record([run("popcorn", dice: [.nan, .infinity]), run("baseline", dice: [0.1, .nan])])
    broken.runs[0].progress = [.init(step: 0, optimizerSteps: 0, trainingScans: 0, meanDice: .nan)]
    broken.runs[0].latents = [.init(name: "a", part: "test", step: nil, x: .nan, y: 1)]
    broken.runs[0].selections = [.init(name: "a", step: 1, rank: 1, proximity: nil, dice: .nan)]
    broken.runs[0].seconds = .nan
    return [
      ("whole", SampleStudy().record), ("hostile", hostileRuns), ("half", half),
      ("one image", SampleStudy(images: 1, pool: 1).record), ("same", record([run("a", dice: [0.5, 0.5])])),
      ("no images", record([run("popcorn", dice: [])])), ("nothing", record([], planned: 3)), ("broken", broken),
    ]
  }()

  private static let picture = StudyPicture(
    title: hostile, caption: hostile, image: "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>1</script></svg>")

  @Test(arguments: records.map(\.kind)) func filesAreWellFormedAndSayNoNonsense(kind: String) throws {
    let record = try #require(Self.records.first { $0.kind == kind }?.record)
    let report = StudyReport(record, pictures: [Self.picture], command: "popcorn study <data> && echo")
    #expect(report.files.map(\.name).starts(with: ["study.html", "tables.md", "tables.csv", "cases.csv"]))
    #expect(Set(report.files.map(\.name)).count == report.files.count)
    for (name, text) in report.files {
      let lastByte = text.utf8.last
      #expect(lastByte == UInt8(ascii: "\n"), "\(name)")
      guard name.hasSuffix(".svg") || name.hasSuffix(".html") else { continue }
      let xml = try XMLText(text)
      #expect(xml.elements["script"] == nil && xml.elements["b"] == nil && xml.elements["link"] == nil)
      let places = xml.attributes.filter { key, _ in
        ["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "points", "width", "height"].contains {
          key.hasSuffix(".\($0)")
        }
      }
      for (key, values) in places {
        for value in values where value != "device-width" {
          let numbers = value.split { $0 == " " || $0 == "," }
          #expect(numbers.allSatisfy { Double($0)?.isFinite == true }, "\(name) \(key): \(value)")
        }
      }
      // Nothing is fetched: the only addresses are names of XML's and data.
      let addresses = xml.attributes.filter { $0.key.hasSuffix(".src") || $0.key.hasSuffix(".href") }.flatMap(\.value)
      #expect(addresses.allSatisfy { $0.hasPrefix("data:") })
      #expect(!text.contains("url(") && !text.contains("@import"))
    }
    for name in ["tables.csv", "cases.csv", "tables.md"] {
      let words = report.text(name).lowercased().split { !$0.isLetter && !$0.isNumber }
      #expect(!words.contains("nan") && !words.contains("inf") && !words.contains("infinity"), "\(name)")
    }
  }

  @Test func pagesCanBeReadWithoutSeeing() throws {
    let report = StudyReport(SampleStudy().record, pictures: [Self.picture])
    let page = try XMLText(report.text("study.html"))
    #expect(page.attributes["html.lang"] == ["en"])
    #expect(
      page.attributes["img.alt"] == [Self.hostile.replacing("\u{1}", with: "\u{FFFD}").replacing("\n", with: " ")])
    #expect(page.elements["h1"] == 1)
    #expect(page.elements["svg"] == 5)
    #expect(page.attributes["svg.aria-label"]?.contains("") == false && page.attributes["svg.aria-label"]?.count == 5)
    #expect(page.attributes["th.scope"]?.count == page.elements["th"])
    #expect(page.elements["caption"] == page.elements["table"])
    #expect(
      Set(page.attributes.filter { $0.key.hasSuffix(".id") }.flatMap(\.value)).count
        == page.attributes.filter { $0.key.hasSuffix(".id") }.flatMap(\.value).count)
  }

  @Test func namesReachTheReaderAsTheyAre() throws {
    let record = try #require(Self.records.first { $0.kind == "hostile" }?.record)
    let shown = Self.hostile.replacing("\u{1}", with: "\u{FFFD}").replacing("\n", with: " ")
    let report = StudyReport(record)
    #expect(try XMLText(report.text("study.html")).content.contains(shown))
    #expect(try XMLText(report.text("dice-by-case.svg")).content.contains("<b>&\"'|"))
    // In Markdown a name must not end its cell or its row, nor open a tag.
    let grid = report.text("tables.md").split(separator: "\n").filter { $0.hasPrefix("| ") }
    #expect(grid.contains { $0.contains("&lt;b&gt;&amp;\"'\\|") })
    #expect(!report.text("tables.md").contains("<b>"))
  }

  @Test func sameRecordSameBytes() {
    let first = StudyReport(SampleStudy().record, pictures: [Self.picture])
    let second = StudyReport(SampleStudy().record, pictures: [Self.picture])
    #expect(first.files.map(\.text) == second.files.map(\.text))
  }

  @Test func nothingToShowIsNoFigure() {
    let names = { (record: StudyRecord) in StudyReport(record).files.map(\.name).filter { $0.hasSuffix(".svg") } }
    #expect(names(record([])).isEmpty)
    #expect(names(record([run("popcorn", dice: [])])).isEmpty)
    #expect(names(record([run("popcorn", dice: [0.5])])) == ["dice-by-case.svg", "dice-by-load.svg"])
    #expect(names(SampleStudy().record).count == 5)
  }

  @Test func picturesThatAreNoneAreSaidToBeLeftOut() {
    let picture = StudyPicture(title: "t", caption: "c", image: "https://example.org/a.png")
    let page = StudyReport(record([]), pictures: [picture]).text("study.html")
    #expect(!page.contains("example.org") && page.contains("left out"))
  }

  @Test(arguments: [
    "<a>", "<a></b>", "<a b=\"1\" b=\"2\"/>", "<a b=1/>", "<a>&</a>", "<a>&nbsp;</a>", "<a b=\"<\"/>", "<a/><b/>",
    "x<a/>",
    "<a b=\"1\"c=\"2\"/>", "<a>< b</a>",
  ]) func theParserSeesWhatIsBroken(text: String) {
    #expect(throws: XMLText.Malformed.self) { try XMLText(text) }
  }
}
