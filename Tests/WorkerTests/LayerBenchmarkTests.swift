import FoundationEssentials
import Testing

@testable import popcorn

@Suite struct LayerBenchmarkTests {
  private struct Read: Decodable {
    struct Layer: Decodable {
      var layer: String
      var pass: String
      var operations: Double
      var winograd: Double?
      var wideWinograd: Double?
    }
    var peak: Double
    var layers: [Layer]
  }

  @Test func eachPassOfEveryConvolutionIsMeasuredWhereItIsPossible() throws {
    let report = try LayerBenchmark(width: 8, edge: 16, repetitions: 1).report()
    let read = try JSONDecoder().decode(Read.self, from: Data(report.json.utf8))
    #expect(read.peak > 0)
    #expect(read.layers.count == 33 && report.table.split(separator: "\n").count == 34)
    #expect(report.layers.allSatisfy { ($0.direct ?? 0) > 0 && ($0.chosen ?? 0) > 0 })
    // The first and the last have one channel and two, the bottleneck lies on 2³ voxels.
    #expect(read.layers.filter { $0.winograd == nil }.map(\.layer.first) == ["e", "e", "e", "o", "o", "o"])
    #expect(read.layers.filter { $0.winograd != nil && $0.wideWinograd == nil }.map(\.layer.first) == ["b", "b", "b"])
    let level = try #require(read.layers.first { $0.layer == "decoder.1.conv 96->32@8" })
    #expect(level.pass == "forward" && level.operations == 2.0 * 96 * 32 * 27 * 512)
  }
}
