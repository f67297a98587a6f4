import ArgumentParser
import Engine
import Glibc
import Popcorn

/// `popcorn bench`: figures that a release can be held to.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure what the engine takes for a training step and for a patch.")

  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case step
    case forward
    case layers
  }

  @Option(
    help:
      "One subject alone: step (a pair forward and back, and Adam), forward (one patch) or layers (each convolution).")
  var only: Subject?
  @Option(help: "Width of the network.")
  var width = 24
  @Option(help: "Edge of a patch, voxels.")
  var patch = 64
  @Option(help: "Measured repetitions, after one that is not counted.")
  var repetitions = 5
  @Flag(help: "One JSON object instead of words.")
  var json = false
  @Flag(help: "One repetition for each line on standard input, answered with its seconds: to take turns with another.")
  var paced = false

  func validate() throws {
    guard repetitions > 0, patch > 0, patch % 8 == 0, width > 0, width % 8 == 0 else {
      throw ValidationError("Width and patch are multiples of 8, repetitions at least 1.")
    }
    guard !(paced && only == .layers) else { throw ValidationError("--paced takes step or forward.") }
  }

  func run() throws {
    if only == .layers {
      let report = try LayerBenchmark(width: width, edge: patch, repetitions: repetitions).report()
      return print(try json ? report.json : report.table)
    }
    let benchmark = try EngineBenchmark(width: width, patch: patch)
    if paced { return try answer(benchmark) }
    let subjects = only.map { [$0] } ?? [.step, .forward]
    let figures = try subjects.map { subject in
      (subject, Spread(of: try (0...repetitions).map { _ in try seconds(of: subject, in: benchmark) }.dropFirst()))
    }
    if json {
      let fields = figures.map { "\"\($0.rawValue)\":\($1.json)" }
      print(
        "{\"width\":\(width),\"patch\":\(patch),\"threads\":\(CPU.threads),\(fields.joined(separator: ","))}")
    } else {
      for (subject, spread) in figures {
        print("\(subject.rawValue), width \(width), \(patch)^3, \(CPU.threads) threads: \(spread)")
      }
    }
  }

  private func answer(_ benchmark: EngineBenchmark) throws {
    while readLine() != nil {
      print(try seconds(of: only ?? .step, in: benchmark))
      fflush(nil)
    }
  }

  private func seconds(of subject: Subject, in benchmark: EngineBenchmark) throws -> Double {
    try ContinuousClock().measure { try subject == .step ? benchmark.step() : benchmark.forward() }.seconds
  }
}

/// Seconds measured several times.
struct Spread: CustomStringConvertible {
  let median: Double
  let low: Double
  let high: Double
  let count: Int

  init(of seconds: some Collection<Double>) {
    let sorted = seconds.sorted()
    count = sorted.count
    median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    low = sorted[0]
    high = sorted[count - 1]
  }

  var json: String { "{\"median\":\(median),\"low\":\(low),\"high\":\(high),\"count\":\(count)}" }

  var description: String {
    "\(milliseconds(median)) ms (median of \(count); \(milliseconds(low))...\(milliseconds(high)))"
  }

  private func milliseconds(_ seconds: Double) -> Int { Int((seconds * 1000).rounded()) }
}
