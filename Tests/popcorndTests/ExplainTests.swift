import Contract
import FoundationEssentials
import Testing

/// What a program reads of a case.
@Suite(.serialized) struct ExplainTests {
  private struct Line: Decodable {
    let id: String
    let state: CaseState
  }
  private struct Explanation: Decodable {
    struct Doubt: Decodable { let reason: ReasonCode }
    struct Selected: Decodable { let rank: Int }
    struct Queued: Decodable { let rank: Int }
    struct Record: Decodable { let event: String }
    let id: String
    let state: CaseState
    let words: String
    let doubt: Doubt?
    let selected: Selected?
    let queued: Queued?
    let records: [Record]
  }

  @Test func explanationsAreJSONToo() async throws {
    let scene = try Scene()
    try scene.dropCohort()
    try scene.write(Scene.image("crash"), at: "root/inbox/unlabeled/un0_FLAIR.nii.gz")
    #expect(try await scene.start(once: true).end() == 0)
    let listed = try await scene.ask("case", "list", "--json")
    let lines = try JSONDecoder().decode([Line].self, from: Data(listed.text.utf8))
    #expect(Set(lines.map(\.state)).isSuperset(of: [.held, .pseudo, .expert]))
    for line in lines {
      let answer = try await scene.ask("explain", "--json", line.id)
      let found = try JSONDecoder().decode(Explanation.self, from: Data(answer.text.utf8))
      #expect(found.id == line.id && found.state == line.state && !found.words.isEmpty)
      #expect(found.records.first?.event == "case_created")
      #expect((found.doubt?.reason == .workerCrashed) == (line.state == .held))
      #expect((found.selected != nil) == (line.state == .pseudo))
      #expect((found.queued != nil) == line.state.isInPool)
    }
    let held = try #require(lines.first { $0.state == .held })
    let words = try await scene.ask("explain", held.id).text
    #expect(words.contains("Case \(held.id) is held.") && words.contains("What to do: "))
    #expect(try await scene.ask("explain", "--json", "PSNAAAAAAAAAA").status == 4)
  }
}
