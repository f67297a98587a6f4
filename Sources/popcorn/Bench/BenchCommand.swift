import ArgumentParser
import Contract
import Engine
import FoundationEssentials
import Glibc
import SystemPackage
import Terminal

/// `popcorn bench`: figures that a release can be held to.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure what this machine takes for each part of the work.",
    discussion: """
      train is an optimizer step on a pair of patches, forward one patch, scan a whole phantom scan of 181x217x181 voxels \
      from its file to its mask and probability map on disk, latents its latent vector, proximity the order of a pool, \
      decode and encode the unpacking and packing of a scan (bytes are those of its voxels), intake the reading of one \
      foreign file, start the service's start and end. layers is each pass of each convolution alone; cycle puts together \
      what whole cycles over pools of up to 100,000 scans would take. Without --only: train and forward. GFLOP/s count sums \
      as they are written, so that Winograd's convolutions can pass the processor's peak. With --tune the fastest way of \
      each convolution is kept, and trainings to come use it.
      """)

  enum Subject: String, ExpressibleByArgument, CaseIterable {
    case train
    case forward
    case scan
    case latents
    case proximity
    case decode
    case encode
    case intake
    case start
    case cycle
    case layers

    /// Its name in figures.
    var name: String { self == .train ? "step" : rawValue }
  }

  @Option(help: "Subjects, \(Subject.allCases.map(\.rawValue).joined(separator: ", ")); may be given again.")
  var only: [Subject] = []
  @Option(help: "Width of the network.")
  var width = 24
  @Option(help: "Edge of a patch, voxels.")
  var patch = 64
  @Option(help: "Cases of the pool, for proximity.")
  var pool = 100_000
  @Option(help: "Cases of the training set, for proximity.")
  var trusted = 10_000
  @Option(help: "Measured repetitions, after one that is not counted.")
  var repetitions = 5
  @Option(help: "Threads of the team; OMP_NUM_THREADS or all where not given.")
  var threads: Int?
  @Flag(help: "One JSON object instead of words.")
  var json = false
  @Flag(help: "One repetition for each line on standard input, answered with its seconds: to take turns with another.")
  var paced = false
  @Flag(help: "Measure the ways of each convolution of this width and patch and keep the fastest for this processor.")
  var tune = false
  @Option(help: "The cache in which --tune keeps it: the service's, or by default the user's own.")
  var cache: String?

  func validate() throws {
    guard repetitions > 0, patch > 0, patch % 8 == 0, width > 0, width % 8 == 0 else {
      throw ValidationError("Width and patch are multiples of 8, repetitions at least 1.")
    }
    guard pool > 0, trusted > 0, threads ?? 1 > 0 else {
      throw ValidationError("--pool, --trusted and --threads are at least 1.")
    }
    guard !paced || only.count == 1 else { throw ValidationError("--paced takes one subject.") }
    let alone: [Subject] = [.layers, .cycle]
    guard !only.contains(where: alone.contains) || (only.count == 1 && !paced) else {
      throw ValidationError("layers and cycle go alone, and not with --paced.")
    }
    guard !tune || (only.isEmpty && !paced) else { throw ValidationError("--tune measures layers, and goes alone.") }
  }

  func run() throws {
    try reportingFaults {
      if let threads { CPU.use(threads: threads) }
      if tune { return try keepFastest() }
      if only == [.layers] {
        let report = try LayerBenchmark(width: width, edge: patch, repetitions: repetitions).report()
        return try standardOutput(json ? report.json : report.table)
      }
      if only == [.cycle] { return try estimateCycles() }
      if paced, let subject = only.first { return try answer(try benchmark(subject).benchmark) }
      try report()
    }
  }

  private func keepFastest() throws {
    let tuning = Tuning(cache: cache)
    let layers = try NetworkLayers(width: width, edge: patch)
    var known = ConvolutionTable()
    if case .table(let table) = tuning.read() { known = table }
    guard let table = try tuning.measure(layers, beside: known, repetitions: repetitions) else { return }
    try tuning.write(table)
    try standardOutput("\(Tuning.identity)\n\(table.text)kept in \(tuning.file)")
  }

  /// Labelled scans that cycles are estimated with.
  private static let labelled = 50

  private func estimateCycles() throws {
    func median(_ subject: Subject) throws -> Double {
      let benchmark = try benchmark(subject).benchmark
      return Spread(of: try (0...repetitions).map { _ in try seconds(of: benchmark) }.dropFirst()).median
    }
    let order = ProximityBenchmark(pool: 10_000, trusted: 2000, length: 16 * width)
    try order.run()
    let distance = try seconds(of: order) / 2e7
    let (step, scan, latent) = (try median(.train), try median(.scan), try median(.latents))
    let estimates = try [true, false].map {
      try CycleEstimate(
        step: step, scan: scan, latent: latent, distance: distance, labelled: Self.labelled, isOneStep: $0)
    }
    if json {
      return try standardOutput(String(decoding: try JSONEncoder().encode(estimates), as: UTF8.self))
    }
    try standardOutput(
      "width \(width), patch \(patch), \(CPU.threads) threads: a step \(step.decimals(3)) s, a scan "
        + "\(scan.decimals(3)) s, its latent \(latent.decimals(3)) s, a distance \((distance * 1e9).decimals(1)) ns")
    for estimate in estimates {
      let steps = estimate.isOneStep ? "one step" : "as many steps as the pool lasts"
      try standardOutput("\nhours of a cycle of \(steps), \(Self.labelled) labelled\n\(estimate.table)")
    }
  }

  private func report() throws {
    var peak = measuredPeak()
    var figures: [BenchmarkFigure] = []
    for subject in only.isEmpty ? [.train, .forward] : only {
      let (benchmark, what) = try benchmark(subject)
      let measured = try (0...repetitions).map { _ in try seconds(of: benchmark) }.dropFirst()
      figures.append(
        BenchmarkFigure(subject: subject.name, what: what, seconds: Spread(of: measured), work: benchmark.work))
      peak = max(peak, measuredPeak())
    }
    if json {
      let machine = "\"threads\":\(CPU.threads),\"peak_gflops\":\(peak / 1e9)"
      let fields = figures.map { $0.json(peak: peak) }.joined(separator: ",")
      try standardOutput("{\"width\":\(width),\"patch\":\(patch),\(machine),\(fields)}")
    } else {
      try standardOutput("\(CPU.threads) threads, peak \((peak / 1e9).decimals(0)) GFLOP/s, median of \(repetitions)")
      try standardOutput(columns([BenchmarkFigure.heading] + figures.map { $0.row(peak: peak) }))
    }
  }

  private func benchmark(_ subject: Subject) throws -> (benchmark: any Benchmark, what: String) {
    let network = "width \(width), patch \(patch)"
    switch subject {
    case .train: return (try StepBenchmark(width: width, edge: patch), "a pair, \(network)")
    case .forward, .layers, .cycle: return (try ForwardBenchmark(width: width, edge: patch), "a patch, \(network)")
    case .scan:
      let benchmark = try WholeScanBenchmark(BenchmarkScan(width: width), edge: patch)
      return (benchmark, "\(benchmark.tiles) tiles, \(network)")
    case .latents:
      let benchmark = try LatentBenchmark(BenchmarkScan(width: width), edge: patch)
      return (benchmark, "\(benchmark.tiles) tiles, \(network)")
    case .proximity:
      let length = 16 * width
      return (
        ProximityBenchmark(pool: pool, trusted: trusted, length: length), "\(pool) to \(trusted), \(length) long"
      )
    case .decode: return (try DecodeBenchmark(BenchmarkScan(width: 8)), "a scan of 181x217x181, gzip")
    case .encode: return (try EncodeBenchmark(BenchmarkScan(width: 8)), "a scan of 181x217x181, gzip")
    case .intake: return (try IntakeBenchmark(BenchmarkScan(width: 8)), "a file of 181x217x181")
    case .start: return (try StartBenchmark(), "popcornd --once, nothing to do")
    }
  }

  private func answer(_ benchmark: any Benchmark) throws {
    while readLine() != nil {
      try standardOutput("\(seconds(of: benchmark))")
    }
  }

  private func seconds(of benchmark: any Benchmark) throws -> Double {
    try ContinuousClock().measure { try benchmark.run() }.seconds
  }
}
