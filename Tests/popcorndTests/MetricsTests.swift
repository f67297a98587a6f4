import Contract
import FoundationEssentials
import Glibc
import Testing

@testable import popcornd

@Suite struct MetricsTextTests {
  @Test func aDocumentIsWhatTheFormatSays() {
    var text = MetricsText(study: "a \"b\"\\c\nd")
    text.add("cases", .gauge, "Cases.", [.init(3, ("state", "held")), .init(0.25, ("state", "x"))])
    text.add("nothing", .gauge, "Never there.", nil)
    text.add("odd", .gauge, "Odd.", [.init(.infinity), .init(-.infinity, ("a", "b")), .init(1e300, ("a", "c"))])
    var spread = MetricsText.Spread()
    for value in [0.5, 1, 1.5, 7, 1e6] { spread.see(value) }
    text.add("times_seconds", "Times.", spread)
    let read = Exposition(text.document)
    #expect(read.complaints == [])
    #expect(Set(read.samples.map { $0.labels["study"] }) == ["a \"b\"\\c\nd"])
    #expect(read.types == ["popcornd_cases": "gauge", "popcornd_odd": "gauge", "popcornd_times_seconds": "histogram"])
    #expect(read.value("popcornd_cases", ["state": "x"]) == 0.25)
    #expect(read.value("popcornd_odd", ["a": "c"]) == 1e300)
    #expect(read.value("popcornd_times_seconds_bucket", ["le": "1"]) == 2)
    #expect(read.value("popcornd_times_seconds_bucket", ["le": "10"]) == 4)
    #expect(read.value("popcornd_times_seconds_count") == 5)
    #expect(read.value("popcornd_times_seconds_sum") == 1_000_010)
  }

  /// The reader that the tests rely on sees what is wrong.
  @Test(arguments: [
    "# HELP a b\n# TYPE a gauge\na 1", "a 1\n", "# HELP a b\n# TYPE a counter\na 1\n",
    "# HELP a b\n# TYPE a gauge\na 1 1700000000\n", "# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n",
    "# TYPE a gauge\na 1\n", "# HELP a b\n# TYPE a gauge\na_sum 1\n", "# HELP a b\n# TYPE a gauge\na{x=\"1} 1\n",
    "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 3\na_bucket{le=\"+Inf\"} 2\na_sum 1\na_count 2\n",
  ])
  func mistakesAreSeen(text: String) { #expect(!Exposition(text).complaints.isEmpty) }
}

@Suite(.serialized) struct MetricsTests {
  @Test func theFileSaysWhatTheLedgerHas() async throws {
    let scene = try Scene()
    try Scene.make(scene.path("metrics"))
    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(
      Array((configuration + "\n[metrics]\ntextfile_directory = \"\(scene.path("metrics"))\"\n").utf8),
      at: "popcornd.toml")
    try scene.dropCohort()
    try scene.write(Scene.image("U1"), at: "root/inbox/unlabeled/again_FLAIR.nii.gz")
    try scene.write(Array("login page".utf8), at: "root/inbox/unlabeled/page_FLAIR.nii.gz")
    try scene.write(Scene.image("t1"), at: "root/inbox/unlabeled/b_T1w.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)

    #expect(scene.files(beneath: "metrics") == ["popcornd.prom"])
    var status = stat()
    #expect(stat(scene.path("metrics/popcornd.prom").string, &status) == 0 && status.st_mode & 0o777 == 0o644)
    let text = try #require(scene.read("metrics/popcornd.prom"))
    let read = Exposition(text)
    #expect(read.complaints == [])
    #expect(read.samples.allSatisfy { $0.name.hasPrefix("popcornd_") && $0.labels["study"] == "popcornd" })
    // No case, no name, no path.
    #expect(!text.contains("PSN") && !text.contains("FLAIR") && !text.contains(scene.folder.string))

    struct Line: Decodable { let state: String }
    let listed = try await scene.ask("case", "list", "--json").text
    let states = try JSONDecoder().decode([Line].self, from: Data(listed.utf8)).map(\.state)
    for state in CaseState.allCases {
      let count = states.count { $0 == state.rawValue }
      #expect(read.value("popcornd_cases", ["state": state.rawValue]) == Double(count), "\(state)")
    }
    struct Model: Decodable { let generation: Int, dice: Double? }
    let models = try JSONDecoder().decode(
      [Model].self, from: Data(try await scene.ask("models", "list", "--json").text.utf8))
    #expect(read.value("popcornd_generation") == models.last.map { Double($0.generation) })
    #expect(read.value("popcornd_holdout_dice_ratio") == models.last?.dice)
    #expect(read.value("popcornd_cycles_total", ["result": "published"]) == Double(models.count))
    #expect(read.value("popcornd_cycle_duration_seconds_count") == Double(models.count))
    #expect(read.value("popcornd_files_accepted_total", ["kind": "scan"]) == 10)
    #expect(read.value("popcornd_files_accepted_total", ["kind": "label"]) == 4)
    #expect(read.value("popcornd_files_rejected_total", ["reason": "NOT_NIFTI"]) == 1)
    #expect(read.value("popcornd_duplicates_total") == 1)
    #expect(read.value("popcornd_inbox_files", ["inbox": "0", "state": "held"]) == 1)
    #expect(try #require(read.value("popcornd_segment_duration_seconds_count")) >= 6)
    #expect(try #require(read.value("popcornd_lesion_volume_ml_sum")) >= 6 * 0.009 - 1e-9)
    let now = Double(time(nil))
    for name in ["start", "last_scan_timestamp", "last_cycle_timestamp"].map({ "popcornd_\($0)" }) {
      let suffix = name == "popcornd_start" ? "_time_seconds" : "_seconds"
      #expect(try abs(#require(read.value(name + suffix)) - now) < 300)
    }
    #expect(try #require(read.value("popcornd_free_bytes", ["path": "state"])) > 0)
  }

  @Test func aFolderThatIsNotThereIsSaidAndHoldsUpNothing() async throws {
    let scene = try Scene()
    let configuration = try #require(scene.read("popcornd.toml"))
    try scene.write(
      Array((configuration + "\n[metrics]\ntextfile_directory = \"\(scene.path("nowhere"))\"\n").utf8),
      at: "popcornd.toml")
    try scene.write(Scene.image("U1"), at: "root/inbox/unlabeled/u_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.read("root/status/STATUS.txt")?.contains("cannot be written to textfile_directory") == true)
    #expect(scene.files(beneath: "root/done").count == 2)
  }
}
