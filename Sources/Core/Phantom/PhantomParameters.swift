import Files

/// The numbers by which phantoms differ, frozen: comparisons of methods cite `hash`, so that no later change can favour
/// one of them unseen. How a head is drawn is code, which `drawing` counts and digests of voxels in the tests pin. Lengths in mm unless said, signals relative to white matter.
public struct PhantomParameters: Sendable {
  /// Counts changes of the code that draws, which the numbers below do not show.
  let drawing = 1
  let anatomy = AnatomyRanges()
  let lesions = LesionRules()
  let mimics = MimicRules()
  let scanners = ScannerTable.scanners
  let difficulties = DifficultyTable.all
  let patients = LesionTable.patients
  let sizeSteps = LesionTable.sizeSteps
  let shapeSteps = LesionTable.shapeSteps
  let lengthRatio = LesionTable.lengthRatio
  let flatness = LesionTable.flatness

  /// The parameters in force.
  public static let frozen = PhantomParameters()

  /// One `name = value` a line, in the order of declaration.
  public var canonicalText: String { lines(of: self, under: "phantom").joined(separator: "\n") + "\n" }

  /// SHA-256 of `canonicalText`, 64 hexadecimal digits: shown in every result that rests on phantoms.
  public static let hash = Digest(of: frozen.canonicalText.utf8).description

  private func lines(of value: Any, under name: String) -> [String] {
    let children = Mirror(reflecting: value).children
    guard !children.isEmpty, !(value is SIMD3<Float>) else { return ["\(name) = \(value)"] }
    return children.enumerated().flatMap { lines(of: $1.value, under: "\(name).\($1.label ?? String($0))") }
  }
}

/// How heads differ from each other.
struct AnatomyRanges: Sendable {
  let scale: ClosedRange<Float> = 0.94...1.05
  let tilt: ClosedRange<Float> = -0.06...0.06
  let warp: Float = 2.2
  let warpWavelength: Float = 58
  let foldWavelength: ClosedRange<Float> = 15...18
  let branchWavelength: Float = 11
  let branchDepth: Float = 5
  let foldWarp: Float = 3.0
  let foldWarpWavelength: Float = 15
  let sulcusDepth: ClosedRange<Float> = 19...25
  let sulcusDepthSpread: Float = 6
  let sulcusHalfWidth: ClosedRange<Float> = 0.6...1.4
  let cortexThickness: ClosedRange<Float> = 3...3.7
  let ventricleSize: ClosedRange<Float> = 0.5...1.25
  let whiteTexture: Float = 0.022
  let greyTexture: Float = 0.055
  let brightRim: ClosedRange<Float> = 0.05...0.3
}

/// Where lesions lie and what they look like. Number, size and shape come from `LesionTable`.
struct LesionRules: Sendable {
  /// A patient is drawn among those whose lesions take no more than this share of the brain's voxels.
  let mostOfBrain: Float = 0.05
  /// Shares of lesions that begin at the ventricle wall, under the cortex, below the tentorium; the rest in deep white matter.
  let periventricular: Float = 0.42
  let juxtacortical: Float = 0.22
  let infratentorial: Float = 0.05
  /// How far an outline strays from an ellipsoid, as a share of its radius, and over which length in radii.
  let irregularity: Float = 0.26
  let irregularityWavelength: Float = 0.9
  /// Signal added at full conspicuity: of one lesion, and within it.
  let contrast: ClosedRange<Float> = 0.3...0.7
  let innerTexture: Float = 0.1
  /// Share of its signal that a lesion loses from its core to its rim.
  let fading: Float = 0.5
  /// Deviation in voxels of the blur that softens a lesion's edge.
  let edge: Float = 0.55
}

/// Bright spots that are not MS and not in the truth.
struct MimicRules: Sendable {
  let capReach: ClosedRange<Float> = 5...9
  let capContrast: ClosedRange<Float> = 0.22...0.5
  let wedgeRadius: ClosedRange<Float> = 9...16
  let wedgeContrast: ClosedRange<Float> = 0.3...0.6
  let spots: ClosedRange<Float> = 8...26
  let spotRadius: ClosedRange<Float> = 0.7...1.5
  let spotContrast: ClosedRange<Float> = 0.2...0.55
  let rimHalo: Float = 2.2
}

/// The scanners, nearest to the labeled scans' first.
enum ScannerTable {
  static let scanners: [Scanner] = [
    Scanner(
      name: "aspen", gain: 410, grey: 1.24, deep: 1.17, fluid: 0.2, conspicuity: 1, bias: 0.05, noise: 0.022,
      blur: 0.45, slices: 1, curve: 0),
    Scanner(
      name: "birch", gain: 260, grey: 1.22, deep: 1.15, fluid: 0.23, conspicuity: 0.97, bias: 0.07, noise: 0.026,
      blur: 0.5, slices: 1, curve: 0.04),
    Scanner(
      name: "cedar", gain: 730, grey: 1.2, deep: 1.14, fluid: 0.26, conspicuity: 0.94, bias: 0.1, noise: 0.03,
      blur: 0.52, slices: 2, curve: 0.08),
    Scanner(
      name: "elder", gain: 150, grey: 1.28, deep: 1.2, fluid: 0.29, conspicuity: 0.91, bias: 0.12, noise: 0.035,
      blur: 0.56, slices: 2, curve: -0.08),
    Scanner(
      name: "hazel", gain: 980, grey: 1.17, deep: 1.12, fluid: 0.32, conspicuity: 0.87, bias: 0.14, noise: 0.04,
      blur: 0.6, slices: 2, curve: 0.12),
    Scanner(
      name: "larch", gain: 95, grey: 1.31, deep: 1.22, fluid: 0.35, conspicuity: 0.83, bias: 0.16, noise: 0.045,
      blur: 0.64, slices: 3, curve: -0.12),
  ]
}

/// The named difficulties.
enum DifficultyTable {
  static let all: [Difficulty] = [
    Difficulty(name: "easy", contrast: 1.4, walk: 0.4, mimicShare: 0.2, texture: 0.7),
    Difficulty(name: "middle", contrast: 1, walk: 0.7, mimicShare: 0.4, texture: 1),
    Difficulty(name: "hard", contrast: 0.9, walk: 1, mimicShare: 0.6, texture: 1.3),
  ]
}

/// How hard a cohort is made.
public struct Difficulty: Sendable, Hashable {
  /// `easy`, `middle` or `hard`.
  public let name: String
  /// Factor on the signal of lesions.
  let contrast: Float
  /// How far the scanners stray from the first one: 1 is the table's distance.
  let walk: Float
  /// Share of pool and test scans that show bright spots that are not MS.
  let mimicShare: Float
  /// Factor on the texture of tissue.
  let texture: Float

  /// All difficulties, easiest first.
  public static let all = DifficultyTable.all
  /// The difficulty of this name.
  public static func named(_ name: String) -> Difficulty? { all.first { $0.name == name } }
}
