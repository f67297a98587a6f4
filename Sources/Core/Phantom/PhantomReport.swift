import Contract
import Imaging

/// What `phantom.json` says about a cohort: enough to draw it again and to tell results on it from all others.
public struct PhantomReport: Sendable, Codable {
  /// One scan of the cohort.
  public struct Scan: Sendable, Codable {
    /// Its name, `ph-0001`.
    public let name: String
    /// `labeled`, `unlabeled` or `test`.
    public let role: PhantomPlan.Role
    /// The scanner it comes from.
    public let scanner: String
    /// What is bright and not MS: `caps`, `wedge`, `spots`.
    public let otherHyperintensities: [String]
    /// Lesions of the truth (26-connected), and their voxels.
    public let lesions, lesionVoxels: Int
    /// Their volume in mm³.
    public let lesionVolume: Double
    /// The best Dice that a single threshold reaches.
    public let bestThresholdDice: Double
  }

  /// SHA-256 of the frozen parameters.
  public let hash: String
  /// The frozen parameters, one `name = value` a line.
  public let parameters: [String]
  /// The cohort's seed, as text: not every JSON reader keeps 64 bits.
  public let seed: String
  /// `easy`, `middle` or `hard`.
  public let difficulty: String
  /// Edge of a voxel in mm.
  public let spacing: Double
  /// Voxels along x, y, z.
  public let size: [Int]
  /// Which scans of the pool have what is not MS; nil where the difficulty told.
  public let poolMimics: PhantomCohort.PoolMimics?
  /// The scans, in the order of their names.
  public var scans: [Scan]

  /// A report on a cohort of which no scan is drawn yet.
  public init(_ cohort: PhantomCohort) {
    hash = PhantomParameters.hash
    parameters = PhantomParameters.frozen.canonicalText.split(separator: "\n").map(String.init)
    seed = String(cohort.seed)
    difficulty = cohort.difficulty.name
    spacing = cohort.spacing
    size = cohort.size.list
    poolMimics = cohort.poolMimics == .drawn ? nil : cohort.poolMimics
    scans = []
  }

  /// Adds a drawn scan and answers with its entry.
  @discardableResult public mutating func add(_ scan: PhantomScan, as plan: PhantomPlan) -> Scan {
    let voxels = scan.lesionSizes.reduce(0, +)
    let entry = Scan(
      name: plan.name, role: plan.role, scanner: plan.scanner.name, otherHyperintensities: plan.otherHyperintensities,
      lesions: scan.lesionSizes.count, lesionVoxels: voxels,
      lesionVolume: Double(voxels) * scan.geometry.voxelVolume, bestThresholdDice: scan.bestThresholdDice)
    scans.append(entry)
    return entry
  }
}
