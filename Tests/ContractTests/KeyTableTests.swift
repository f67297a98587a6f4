import Contract
import Testing

@Suite struct KeyTableTests {
  @Test func keysAreUniqueAndInSnakeCase() {
    let paths = ConfigurationKeys.rows.map(\.path)
    #expect(Set(paths).count == paths.count)
    #expect(paths.count > 60)
    for row in ConfigurationKeys.rows {
      #expect(row.name.allSatisfy { ("a"..."z").contains($0) || $0 == "_" || ("0"..."9").contains($0) })
    }
    #expect(Set(ConfigurationKeys.sections) == Set(ConfigurationKeys.sectionSentences.keys))
  }

  @Test func everyKeyIsDocumentedAndTakesItsDefault() {
    for row in ConfigurationKeys.rows {
      #expect(row.sentence.count > 15 && row.sentence.hasSuffix("."), "\(row.path)")
      #expect(!row.expectation.isEmpty, "\(row.path)")
      let value = row.value(of: row.standardLiteral)
      #expect(value.flatMap(row.literal) == row.standardLiteral, "\(row.path)")
    }
  }

  /// Issue A, item 6, and the keys of the design that other parts read by name.
  @Test func promisedKeysAreThere() {
    let promised = [
      "state.path", "run.path", "popcorn.width", "popcorn.patch_size", "popcorn.recipe", "popcorn.strategy",
      "popcorn.max_steps_per_cycle", "popcorn.min_expert", "popcorn.initial_epochs", "popcorn.reference_spacing",
      "popcorn.reference_size", "popcorn.brain", "popcorn.trigger_quiet", "popcorn.trigger_quiet_expert",
      "popcorn.train_share", "accept.assume_flair", "inbox.subject_pattern", "state.audit_head", "run.worker",
      "run.worker_socket", "inbox.after_accept", "output.probability", "popcorn.holdout_subjects",
      "popcorn.regress_tolerance", "run.admit", "run.watch", "inbox.settle", "output.subject_names",
      "resources.memory_budget", "popcorn.select_per_step", "popcorn.trigger_arrivals", "log.file_names",
    ]
    let paths = Set(ConfigurationKeys.rows.map(\.path))
    for path in promised { #expect(paths.contains(path), "\(path)") }
  }

  @Test(arguments: [
    ("5min", 300.0), ("1h 30min", 5400), ("1h30min", 5400), ("250ms", 0.25), ("1.5h", 5400), ("2d", 172_800),
    ("1w", 604_800), ("90 s", 90), ("1us", 1e-6), ("0s", 0), ("2hours", 7200),
  ]) func durationIsRead(_ text: String, _ seconds: Double) {
    #expect(DurationText.read(text) == .microseconds(Int64(seconds * 1e6)))
  }

  @Test(arguments: [
    "", " ", "5", "5 lightyears", "min", "-5s", "5min x", ".5s", "1.s", "1..5s", "9999999w", "5MIN", "٣s",
  ])
  func durationIsRefused(_ text: String) { #expect(DurationText.read(text) == nil) }

  @Test func durationsRoundTrip() {
    for seconds in [0, 1, 59, 60, 61, 3600, 5400, 86_399, 86_400, 604_800, 1_000_000] {
      let duration = Duration.seconds(seconds)
      #expect(DurationText.read(DurationText.write(duration)) == duration)
    }
    #expect(DurationText.write(.seconds(5400)) == "1h 30min")
    #expect(DurationText.write(.milliseconds(1500)) == "1s 500ms")
  }

  @Test(arguments: [("8G", 8 << 30), ("64K", 65_536), ("1.5G", 3 << 29), ("64KiB", 65_536), ("2MB", 2 << 20), ("7", 7)])
  func sizeIsRead(_ text: String, _ bytes: Int) { #expect(SizeText.read(text, base: 1024) == bytes) }

  @Test(arguments: ["", "G", "8X", "8 G G", "-8G", "8g", "1.3", "99999999T", "8GG"])
  func sizeIsRefused(_ text: String) { #expect(SizeText.read(text, base: 1024) == nil) }

  @Test func sizesRoundTrip() {
    for bytes in [0, 1, 1023, 1024, 1 << 20, 3 << 29, 5 << 40, 123_456_789] {
      #expect(SizeText.read(SizeText.write(bytes, base: 1024), base: 1024) == bytes)
    }
    #expect(SizeText.read("512M", base: 1000) == 512_000_000)
    #expect(SizeText.read("512MB", base: 1000) == nil)
  }

  @Test(arguments: [("75%", 0.75), ("0%", 0), ("100%", 1), ("12.5%", 0.125)])
  func shareIsRead(_ text: String, _ share: Double) {
    #expect(ShareText.read(text) == share)
    #expect(ShareText.write(share) == text)
  }

  @Test(arguments: ["75", "101%", "-1%", "%", "0.75", "7 5%"])
  func shareIsRefused(_ text: String) { #expect(ShareText.read(text) == nil) }

  @Test func windowSpansMidnight() throws {
    let night = try #require(TrainWindow("19:00-06:00"))
    #expect(night.contains(19 * 60) && night.contains(0) && night.contains(359))
    #expect(!night.contains(360) && !night.contains(12 * 60))
    #expect(night.text == "19:00-06:00")
    let day = try #require(TrainWindow("06:00-19:00"))
    for minute in 0..<1440 { #expect(day.contains(minute) != night.contains(minute)) }
    for text in ["", "19:00", "19:00-19:00", "24:00-06:00", "19:60-06:00", "7:00-08:00", "19:00-06:00-07:00"] {
      #expect(TrainWindow(text) == nil)
    }
  }
}
