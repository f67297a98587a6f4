import Contract
import FoundationEssentials
import Glibc
import SystemPackage
import Testing

/// `popcornctl check` foretells what the intake does.
@Suite(.serialized) struct CheckTests {
  private struct Outlook: Decodable, Equatable {
    let file: String
    let becomes: String
    let role: FileRole?
    let verdict: Verdict?

    /// `label held NOT_FLAIR`.
    var words: String {
      [role?.rawValue, becomes, verdict?.reason?.rawValue].compactMap { $0 }.joined(separator: " ")
    }
  }

  private func outlooks(_ text: String) throws -> [String] {
    try JSONDecoder().decode([Outlook].self, from: Data(text.utf8)).map(\.words)
  }

  private func words(of file: String, _ scene: Scene) async throws -> [String] {
    try outlooks(try await scene.ask("check", "--json", place(file, scene)).text)
  }

  /// Drops files beside the inbox.
  private func lay(_ names: [String], in scene: Scene) throws {
    for name in names { try scene.write(Scene.image(name), at: "drop/\(name)") }
  }

  private func place(_ name: String, _ scene: Scene) -> String { scene.path("drop/\(name)").string }

  @Test func whatAFileIsItsNameSays() async throws {
    let scene = try Scene()
    try lay(["a_FLAIR.nii.gz", "a_mask.nii.gz", "a_brainmask.nii.gz", "a_T1w.nii.gz", "notes.doc"], in: scene)
    let answer = try await scene.ask(
      "check", "--json", place("a_FLAIR.nii.gz", scene), place("a_mask.nii.gz", scene),
      place("a_brainmask.nii.gz", scene), place("a_T1w.nii.gz", scene), place("notes.doc", scene))
    #expect(
      try outlooks(answer.text) == [
        "scan accepted", "label accepted", "brain accepted", "scan held NOT_FLAIR", "passed-over",
      ])
    #expect(answer.status == 5)
    let insisted = try await scene.ask("check", "--json", "--role", "scan", place("a_mask.nii.gz", scene))
    #expect(try outlooks(insisted.text) == ["scan accepted"])
    #expect(insisted.status == 0)
  }

  @Test func theSidecarSaysTheContrast() async throws {
    let scene = try Scene()
    try lay(["b.nii.gz", "c.nii.gz"], in: scene)
    try scene.write(Array(#"{"SeriesDescription": "t2_tse_tra"}"#.utf8), at: "drop/b.json")
    let answer = try await scene.ask("check", "--json", place("b.nii.gz", scene), place("c.nii.gz", scene))
    #expect(try outlooks(answer.text) == ["scan held NOT_FLAIR", "scan accepted"])
    #expect(answer.text.contains("CONTRAST_ASSUMED"))
  }

  @Test func aMaskIsHeldAgainstItsScan() async throws {
    let scene = try Scene()
    try lay(["a_FLAIR.nii.gz", "b_FLAIR.nii.gz", "c_FLAIR.nii.gz", "c_mask.nii.gz", "c_seg.nii.gz"], in: scene)
    try scene.write(Scene.image("small", more: ",\"size\":[8,8,8]"), at: "drop/a_mask.nii.gz")
    try scene.write(Scene.image("far", more: ",\"affine\":[1,0,0,3,0,1,0,0,0,0,1,0]"), at: "drop/b_mask.nii.gz")
    let alone = try await scene.ask("check", place("a_mask.nii.gz", scene))
    #expect(alone.status == 5 && alone.text.contains("would wait for its scan (WAITING_PAIR)"))
    let shape = try await scene.ask(
      "check", "--json", place("a_FLAIR.nii.gz", scene), place("a_mask.nii.gz", scene))
    #expect(try outlooks(shape.text) == ["scan accepted", "label rejected LABEL_SHAPE"])
    #expect(shape.status == 6)
    let far = try await scene.ask("check", "--json", place("b_FLAIR.nii.gz", scene), place("b_mask.nii.gz", scene))
    #expect(try outlooks(far.text) == ["scan accepted", "label held LABEL_GEOMETRY"])
    let two = try await scene.ask(
      "check", "--json", place("c_FLAIR.nii.gz", scene), place("c_mask.nii.gz", scene), place("c_seg.nii.gz", scene))
    #expect(try outlooks(two.text) == ["scan accepted", "label held PAIR_AMBIGUOUS", "label held PAIR_AMBIGUOUS"])
  }

  @Test func whatTheStudyHasAlreadyIsSaid() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    #expect(try await scene.start(once: true).end() == 0)
    try scene.write(Scene.image("U1"), at: "drop/again_FLAIR.nii")
    try scene.write(Scene.image("U2", more: ",\"affine\":[1,0,0,3,0,1,0,0,0,0,1,0]"), at: "drop/moved_FLAIR.nii")
    let again = try await scene.ask("check", place("again_FLAIR.nii", scene))
    #expect(again.status == 0)
    #expect(again.text.contains("would be put into duplicates/ (DUPLICATE)") && again.text.contains("as PSN"))
    let moved = try await scene.ask("check", "--json", place("moved_FLAIR.nii", scene))
    #expect(try outlooks(moved.text) == ["scan held SAME_VOXELS_OTHER_GEOMETRY"])

    // A mask that is there too, beside its scan.
    try scene.write(Scene.image("L1"), at: "drop/lab1_FLAIR.nii.gz")
    try scene.write(Scene.image("M1"), at: "drop/lab1_mask.nii.gz")
    let both = try await scene.ask(
      "check", "--json", place("lab1_FLAIR.nii.gz", scene), place("lab1_mask.nii.gz", scene))
    #expect(try outlooks(both.text) == ["scan duplicate DUPLICATE", "label duplicate DUPLICATE"])

    // A mask alone, whose scan was taken before under the name that it is named after: the one that is there, a corrected
    // one, and one for a name that nobody has dropped.
    #expect(try await words(of: "lab1_mask.nii.gz", scene) == ["label duplicate DUPLICATE"])
    try scene.write(Scene.image("M1 corrected"), at: "drop/lab2_mask.nii.gz")
    #expect(try await words(of: "lab2_mask.nii.gz", scene) == ["label accepted"])
    try scene.write(Scene.image("M9"), at: "drop/nobody_mask.nii.gz")
    #expect(try await words(of: "nobody_mask.nii.gz", scene) == ["label waits WAITING_PAIR"])

    // A mask that was drawn over another scan's draft than the one beside it.
    let list = try await scene.ask("case", "list", "--state=expert", "--no-legend").text
    let other = try #require(list.split(separator: " ").first)
    try scene.write(Scene.image("new"), at: "drop/new_FLAIR.nii.gz")
    try scene.write(Scene.image("N", more: ",\"ownCase\":\"\(other)\""), at: "drop/new_mask.nii.gz")
    let mixed = try await scene.ask(
      "check", "--json", place("new_FLAIR.nii.gz", scene), place("new_mask.nii.gz", scene))
    #expect(try outlooks(mixed.text) == ["scan accepted", "label held PAIR_AMBIGUOUS"])

    // What comes of them when they are dropped.
    for name in ["again_FLAIR.nii", "moved_FLAIR.nii"] {
      #expect(rename(place(name, scene), scene.path("root/inbox/unlabeled/\(name)").string) == 0)
    }
    #expect(try await scene.start(once: true).end() == 0)
    #expect(scene.shelf("duplicates") == ["again_FLAIR.nii"])
    #expect(
      scene.read("root/inbox/unlabeled/moved_FLAIR.nii.HELD.txt")?.contains("SAME_VOXELS_OTHER_GEOMETRY") == true)
  }
}
