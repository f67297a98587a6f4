import FoundationEssentials
import Testing

@testable import popcorn

@Suite struct BenchmarkTests {
  private struct Read: Decodable {
    struct Seconds: Decodable {
      var median: Double
      var low: Double
      var high: Double
      var count: Int
    }
    var step_seconds: Seconds
    var step_gflops: Double
    var step_share_of_peak: Double
    var step_bytes: Int
  }

  @Test func aFigureIsWhatItsNameSays() throws {
    let work = Work(operations: 6e9, bytes: 2e9)
    let figure = BenchmarkFigure(subject: "step", what: "a pair", seconds: Spread(of: [3, 1, 2.0]), work: work)
    let read = try JSONDecoder().decode(Read.self, from: Data("{\(figure.json(peak: 12e9))}".utf8))
    #expect(read.step_seconds.median == 2 && read.step_seconds.low == 1 && read.step_seconds.high == 3)
    #expect(read.step_seconds.count == 3)
    #expect(read.step_gflops == 3 && read.step_share_of_peak == 0.25 && read.step_bytes == 2_000_000_000)
    #expect(figure.row(peak: 12e9) == ["step: a pair", "2000", "1000-3000", "3.0", "0.25", "2000.0", "1.00"])
  }

  @Test func whatDoesNotMultiplyHasNoRate() {
    let figure = BenchmarkFigure(subject: "start", what: "-", seconds: Spread(of: [0.004, 0.002]), work: Work())
    #expect(figure.json(peak: 1) == "\"start_seconds\":\(figure.seconds.json)")
    #expect(figure.row(peak: 1) == ["start: -", "3.00", "2.00-4.00", "-", "-", "-", "-"])
  }

  @Test func subjectsOfTheNetworkRun() throws {
    let subjects: [any Benchmark] = [
      try StepBenchmark(width: 8, edge: 16), try ForwardBenchmark(width: 8, edge: 16),
      ProximityBenchmark(pool: 300, trusted: 40, length: 128),
    ]
    for subject in subjects {
      try subject.run()
      #expect(subject.work.operations > 0 && subject.work.bytes > 0)
    }
  }

  /// With an hour for everything: a step on a few labelled scans, and a pool whose latents outgrow all else.
  @Test func anEstimateNamesTheTermThatTakesMost() throws {
    let one = try CycleEstimate(step: 3.6, scan: 36, latent: 3.6, distance: 3.6e-6, labelled: 50, isOneStep: true)
    #expect(one.rows.map(\.pool) == [100, 1000, 2901, 10_000, 100_000])
    let small = one.rows[0]
    // 50 scans of 15 patches and 100 of two, twice; latents known at the start, so those after the step alone.
    #expect(abs(small.training - 1.9) < 1e-9 && abs(small.latents - 0.15) < 1e-9 && abs(small.labels - 1) < 1e-9)
    #expect(small.dominant == "training" && one.rows[4].dominant == "latents")
    let whole = try CycleEstimate(step: 3.6, scan: 36, latent: 3.6, distance: 3.6e-6, labelled: 50, isOneStep: false)
    #expect(abs(whole.rows[4].latents - 501 * 100.05) < 1e-6)
    #expect(whole.table.split(separator: "\n").count == 6)
  }
}
