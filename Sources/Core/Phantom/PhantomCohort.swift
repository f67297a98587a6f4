import Contract
import Imaging

/// A cohort of phantoms: a few labeled scans from one scanner, a pool without labels that walks away from it over graded
/// scanners, and test scans from all of them. A function of its fields: the same cohort, bit for bit, wherever it is drawn.
public struct PhantomCohort: Sendable {
  /// How many scans of each role.
  public var labeled, unlabeled, test: Int
  /// What everything random is derived from.
  public var seed: UInt64
  /// How hard the cohort is.
  public var difficulty: Difficulty
  /// Edge of a voxel in mm.
  public var spacing: Double
  /// Voxels along x, y, z.
  public var size: GridSize
  /// Which scans of the pool have hyperintensities that are not MS. All else of a scan is the same whichever it is.
  public var poolMimics = PoolMimics.drawn

  /// Which scans of the pool have hyperintensities that are not MS.
  public enum PoolMimics: String, Sendable, Codable, CaseIterable {
    /// A share of them that the difficulty tells, as of the test scans.
    case drawn
    /// None has any.
    case none
    /// Each has some.
    case all
  }

  /// A cohort on a grid of `size` voxels; the default size covers 180 x 216 x 180 mm (91 x 109 x 91 at 2 mm).
  public init(
    labeled: Int, unlabeled: Int, test: Int, seed: UInt64, difficulty: Difficulty, spacing: Double = 2,
    size: GridSize? = nil
  ) {
    (self.labeled, self.unlabeled, self.test) = (labeled, unlabeled, test)
    self.seed = seed
    self.difficulty = difficulty
    self.spacing = spacing
    self.size = size ?? GridSize(Int(180 / spacing) + 1, Int(216 / spacing) + 1, Int(180 / spacing) + 1)
  }

  /// What each scan will be: labeled ones first, then the pool, then the test scans.
  public var plans: [PhantomPlan] {
    let home = ScannerTable.scanners[0]
    let scanners = ScannerTable.scanners.map { $0.walking(difficulty.walk, from: home) }
    var plans: [PhantomPlan] = []
    for (role, count) in [(PhantomPlan.Role.labeled, labeled), (.unlabeled, unlabeled), (.test, test)] {
      var chance = Chance(seed: seed, 100, UInt64(count), UInt64(plans.count))
      // Scanners, lesion loads and mimics are spread evenly over a role, and over the names at random.
      let scannerOrder = chance.permutation(count)
      let loadOrder = chance.permutation(count)
      let mimicOrder = chance.permutation(count)
      let withMimics = role == .labeled ? 0 : Int(Float(count) * difficulty.mimicShare + 0.5)
      for place in 0..<count {
        let number = plans.count + 1
        let scanner = role == .labeled ? home : scanners[scannerOrder[place] * scanners.count / count]
        var mimics: [Mimic] = []
        if mimicOrder[place] < withMimics {
          let first = mimicOrder[place] % Mimic.allCases.count
          mimics.append(Mimic.allCases[first])
          if chance.uniform() < 0.3 { mimics.append(Mimic.allCases[(first + 1) % Mimic.allCases.count]) }
        }
        if role == .unlabeled, poolMimics == .none { mimics = [] }
        if role == .unlabeled, poolMimics == .all, mimics.isEmpty {
          mimics = [Mimic.allCases[number % Mimic.allCases.count]]
        }
        plans.append(
          PhantomPlan(
            name: PhantomPlan.name(number), role: role, seed: Chance.mix(seed ^ Chance.mix(UInt64(number))),
            scanner: scanner, mimics: mimics, load: (Float(loadOrder[place]) + chance.uniform()) / Float(count)))
      }
    }
    return plans
  }

  /// Draws one scan of the cohort.
  public func scan(_ plan: PhantomPlan) -> PhantomScan {
    let grid = Grid(size: SIMD3(size.x, size.y, size.z), spacing: Float(spacing))
    let head = Head(seed: plan.seed, on: grid, texture: difficulty.texture)
    let lesions = Lesions(seed: plan.seed, in: head, load: plan.load, contrastFactor: difficulty.contrast)
    let mimics = head.signal(of: plan.mimics, seed: plan.seed)
    let image = plan.scanner.image(of: head, lesions: lesions, mimics: mimics, seed: plan.seed)
    let origin = grid.origin
    let affine = [
      spacing, 0, 0, Double(origin.x), 0, spacing, 0, Double(origin.y), 0, 0, spacing, Double(origin.z),
    ]
    return PhantomScan(
      image: Volume(size: size, values: image), truth: Volume(size: size, values: lesions.mask),
      geometry: GridGeometry(size: size.list, affine: affine), lesionSizes: lesions.sizes)
  }
}

/// What one scan of a cohort will be.
public struct PhantomPlan: Sendable {
  /// What a scan is for.
  public enum Role: String, Sendable, Codable, CaseIterable { case labeled, unlabeled, test }

  /// `ph-0001` and on.
  public let name: String
  /// What it is for.
  public let role: Role
  /// The subject's own seed.
  public let seed: UInt64
  /// The scanner it comes from.
  public let scanner: Scanner
  let mimics: [Mimic]
  let load: Float

  /// The names of what looks like lesions and is not: `caps`, `wedge`, `spots`.
  public var otherHyperintensities: [String] { mimics.map(\.rawValue) }

  static func name(_ number: Int) -> String {
    let digits = String(number)
    return "ph-" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }
}

/// A drawn scan with its truth.
public struct PhantomScan: Sendable {
  /// FLAIR signal: whole numbers from 1 up in the brain, exactly 0 outside.
  public let image: Volume<Float>
  /// 1 where there is an MS lesion, else 0.
  public let truth: Volume<UInt8>
  /// Where the voxels lie.
  public let geometry: GridGeometry
  /// Voxels of each lesion, largest first as placed.
  public let lesionSizes: [Int]

  /// The best Dice that any one threshold on the signal reaches: how little a scan asks for.
  public var bestThresholdDice: Double {
    let order = image.values.indices.filter { image.values[$0] > 0 }.sorted { image.values[$0] > image.values[$1] }
    let lesion = lesionSizes.reduce(0, +)
    var (best, hits) = (lesion == 0 ? 1.0 : 0.0, 0)
    for (rank, index) in order.enumerated() {
      hits += Int(truth.values[index])
      // A threshold takes all voxels of one value.
      if rank + 1 < order.count, image.values[order[rank + 1]] == image.values[index] { continue }
      best = max(best, Double(2 * hits) / Double(rank + 1 + lesion))
    }
    return best
  }
}
