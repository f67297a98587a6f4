import Contract
import Glibc
import SystemPackage
import Testing

@testable import Ledger

extension ServiceTests {
  /// The end of the chain, noted where whoever has the state cannot change it.
  @Suite(.serialized) struct AuditHeadTests {
    private func scene(noting file: String) throws -> Scene {
      let scene = try Scene()
      let configuration = try #require(scene.read("popcornd.toml"))
      let told = configuration.replacing("[state]\n", with: "[state]\naudit_head = \"\(scene.path(file))\"\n")
      try scene.write(Array(told.utf8), at: "popcornd.toml")
      return scene
    }

    /// The number of the last head that was noted.
    private func lastNoted(_ scene: Scene, in file: String) throws -> Int {
      try #require(try AuditHeadFile(scene.path(file)).read().heads.last).seq
    }

    private func cut(_ scene: Scene, from seq: Int) throws {
      let stranger = try Connection(StateDirectory.ledgerPath(in: scene.path("state")), .owner)
      try stranger.run("DELETE FROM audit WHERE seq >= ?", .integer(seq))
    }

    @Test func aChainThatWasCutAtItsEndIsFound() async throws {
      let scene = try scene(noting: "heads")
      try scene.dropCohort()
      #expect(try await scene.start(once: true).end() == 0)
      let whole = try await scene.ask("audit", "verify")
      #expect(whole.status == 0 && whole.text.contains("remembered heads are in it"), "\(whole.text)")
      let last = try lastNoted(scene, in: "heads")
      // Noted at the stop: nothing but what the courier recorded last can stand behind it.
      let records = try Ledger(reading: scene.path("state")).auditRecords(last: 10)
      #expect(records.contains { $0.seq == last && $0.event == .serviceStopped })
      try cut(scene, from: last)
      let found = try await scene.ask("audit", "verify")
      #expect(found.status == ExitCode.mismatch.rawValue)
      #expect(found.text.contains("the chain ends before record \(last), which was its head"), "\(found.text)")
    }

    @Test func aCycleThatEndedIsVouchedFor() async throws {
      let scene = try scene(noting: "heads")
      try scene.dropCohort()
      let service = try scene.start()
      try await scene.wait(for: "a head behind the end of a cycle") {
        let heads = (try? AuditHeadFile(scene.path("heads")).read().heads) ?? []
        // Before there is a ledger there is nothing to read.
        let records = (try? Ledger(reading: scene.path("state")).auditRecords(last: 1000)) ?? []
        guard let end = records.first(where: { $0.event == .generationPublished }) else { return false }
        return heads.contains { $0.seq >= end.seq }
      }
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
    }

    /// Where it cannot be noted the status says so, verifying fails, and it is noted as soon as that is possible.
    @Test func aHeadThatCannotBeNotedIsSaid() async throws {
      let scene = try scene(noting: "elsewhere/heads")
      let service = try scene.start()
      try await scene.wait(for: "the trouble") {
        scene.read("root/status/STATUS.txt")?.contains("cannot be written to audit_head") == true
      }
      #expect(try await scene.ask("audit", "verify").status == ExitCode.noInput.rawValue)
      try Scene.make(scene.path("elsewhere"))
      service.send(SIGTERM)
      #expect(try await service.end() == 0)
      #expect(try lastNoted(scene, in: "elsewhere/heads") > 0)
      #expect(try await scene.ask("audit", "verify").status == 0)
    }
  }
}
