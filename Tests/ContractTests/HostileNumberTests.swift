import Contract
import FoundationEssentials
import Testing

/// Numbers that only a broken or subverted child would send: they are refused or carried, and nothing traps on them.
@Suite struct HostileNumberTests {
  private func decode<Content: Decodable>(_ text: String, as _: Content.Type) throws -> Content {
    try JSONDecoder().decode(Content.self, from: Data(text.utf8))
  }

  private func verdict(_ geometry: String) throws -> Verdict {
    try decode(
      "{\"outcome\":\"accept\",\"numbers\":[],\"normalisations\":[],\"warnings\":[],\"geometry\":\(geometry)}",
      as: Verdict.self)
  }

  @Test(arguments: [
    ("[9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[9,9,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[0,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[9,-9,-9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[-9223372036854775808,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[9223372036854775807,9223372036854775807,2]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[1000000,1000000,1000000]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[9.5,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[\"9\",9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[99999999999999999999,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0]"),
    ("[9,9,9]", "[]"),
    ("[9,9,9]", "[1,0,0,0,0,1,0,0,0,0,1]"),
    ("[9,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,0,0]"),
    ("[9,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,1e999]"),
    ("[9,9,9]", "[1,0,0,0,0,1,0,0,0,0,1,null]"),
    ("[9,9,9]", "null"),
  ])
  func aGridThatIsNoneIsNoVerdict(size: String, affine: String) {
    #expect(throws: (any Error).self) { try verdict("{\"size\":\(size),\"affine\":\(affine)}") }
    #expect(throws: (any Error).self) { try verdict("{\"affine\":\(affine)}") }
  }

  @Test func aGridComesBackAsItWasWritten() throws {
    let grid = GridGeometry(size: [40_000, 8, 217], affine: [0.1, -1 / 3, 1e-17, -90.5, 0, 2, 5e300, 0, 1, 1, 1, 3])
    let text = String(decoding: try JSONEncoder().encode(grid), as: UTF8.self)
    #expect(try verdict(text).geometry == grid)
  }

  /// Whatever a grid's numbers are, it never counts as near another where that cannot be told.
  @Test func placesThatCannotBeToldAreFarApart() throws {
    let here = try verdict("{\"size\":[9,9,9],\"affine\":[1e308,1e308,1e308,-1e308,0,1,0,0,0,0,1,0]}").geometry
    let grid = try #require(here)
    let there = GridGeometry(size: [9, 9, 9], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0])
    #expect(grid.cornerDisplacement(to: there) == .infinity)
    #expect(grid.cornerDisplacement(to: grid) == .infinity)
    #expect(there.cornerDisplacement(to: there) == 0)
    _ = (grid.spacing, grid.voxelVolume)
  }

  @Test(
    arguments: [
      (0, 0, 0, 1), (0, 5, 0, 0), (5, 0, 0, 0), (4, 4, 2, 0.5), (.max, .max, .max, 1), (.min, .min, .min, 1),
      (.max, .min, 3, 1),
    ] as [(Int, Int, Int, Double)])
  func anOverlapOfAnyCountsHasADice(first: Int, second: Int, both: Int, dice: Double) throws {
    let overlap = try decode(
      "{\"first\":\(first),\"second\":\(second),\"both\":\(both)}", as: Verdict.Overlap.self)
    #expect(overlap.dice == dice)
  }

  @Test(arguments: [
    "{\"progress\":{\"_0\":{\"phase\":\"training\",\"step\":9223372036854775807,\"epoch\":-9223372036854775808,"
      + "\"done\":9223372036854775807,\"total\":1,\"secondsLeft\":1e308}}}",
    "{\"ordered\":{\"_0\":[{\"id\":\"A\",\"sum\":1e308,\"nearest\":[]},{\"id\":\"A\",\"sum\":-1e308,\"nearest\":[]}]}}",
  ])
  func aWorkersHugeNumbersAreCarried(reply: String) throws {
    _ = try decode("{\"id\":-9223372036854775808,\"content\":\(reply)}", as: WorkerEnvelope<WorkerReply>.self)
  }

  @Test(arguments: ["{\"progress\":{\"_0\":{\"phase\":\"x\",\"step\":1,\"epoch\":1,\"done\":1e30,\"total\":1}}}", "{}"])
  func aWorkersNumbersThatAreNoneAreRefused(reply: String) {
    #expect(throws: (any Error).self) {
      try decode("{\"id\":1,\"content\":\(reply)}", as: WorkerEnvelope<WorkerReply>.self)
    }
  }
}
