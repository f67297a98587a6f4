import ArgumentParser
import Contract

/// What trainings of a command share: the network, the reference grid, the rate.
struct NetworkOptions: ParsableArguments {
  @Option(help: "Channels of the first convolution, a multiple of 8.")
  var width = 24
  @Option(help: "Edge of a patch, voxels, a multiple of 8.")
  var patch = 64
  @Option(help: "Voxel edge of the reference grid, mm.")
  var spacing = 1.0
  @Option(help: "Voxels of the reference grid, 91x109x91 or 91,109,91.")
  var size = GridArgument.paper
  @Option(help: "Adam's rate.")
  var rate = 1e-4
  @Option(help: "Bytes of memory for scans that patches are drawn from.")
  var volumeBytes = 1 << 30

  /// Throws `ValidationError` for what no network can have.
  func check() throws {
    if !(8...1024 ~= width) || width % 8 != 0 {
      throw ValidationError("--width \(width): a multiple of 8 is needed, at most 1024.")
    }
    try Self.check(patch: patch)
    if let least = size.size.min(), patch > least {
      throw ValidationError(
        "--patch \(patch): it does not fit into the reference grid of \(size.defaultValueDescription) voxels (--size).")
    }
    if !(0.1...100 ~= spacing) {
      throw ValidationError("--spacing \(spacing): millimetres from 0.1 to 100 are needed.")
    }
    if volumeBytes < 0 { throw ValidationError("--volume-bytes \(volumeBytes): 0 or more is needed.") }
    if !(rate > 0 && rate.isFinite) { throw ValidationError("--rate \(rate): a number above 0 is needed.") }
  }

  /// Whether a patch may have such an edge, voxels.
  static func isPatch(_ edge: Int) -> Bool { 8...512 ~= edge && edge % 8 == 0 }

  /// Throws `ValidationError` for an edge that no patch can have.
  static func check(patch: Int) throws {
    if !isPatch(patch) { throw ValidationError("--patch \(patch): a multiple of 8 is needed, at most 512.") }
  }

  /// The paper's settings with these.
  var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.width = width
    settings.patchSize = patch
    settings.preparation = PreparationSettings(spacing: spacing, size: size.size)
    settings.learningRate = rate
    return settings
  }

  /// The same options on another command line.
  var words: [String] { Self.words(of: settings) + ["--volume-bytes", "\(volumeBytes)"] }

  /// What to type for these settings.
  static func words(of settings: TrainingSettings) -> [String] {
    [
      "--width", "\(settings.width)", "--patch", "\(settings.patchSize)",
      "--spacing", "\(settings.preparation.spacing)", "--size",
      GridArgument(size: settings.preparation.size).defaultValueDescription, "--rate", "\(settings.learningRate)",
    ]
  }
}
