/// What popcorn-admit answers about one foreign file: one line of JSON on standard error.
public struct Verdict: Codable, Sendable, Equatable {
  /// What is to happen with the file.
  public enum Outcome: String, Codable, Sendable {
    /// Taken; the canonical copy is on standard output.
    case accept
    /// Not whole yet: look again later.
    case wait
    /// Needs a person.
    case hold
    /// Cannot be used as it is.
    case reject
  }

  /// How two masks on one grid overlap, in voxels.
  public struct Overlap: Codable, Sendable, Equatable {
    /// Voxels of the first.
    public var first: Int
    /// Voxels of the second.
    public var second: Int
    /// Voxels of both.
    public var both: Int
    /// How two masks overlap.
    public init(first: Int, second: Int, both: Int) {
      self.first = first
      self.second = second
      self.both = both
    }
    /// Twice the common voxels over all voxels of the two, 0...1; 1 where both are empty.
    public var dice: Double {
      let all = Double(first) + Double(second)
      return all > 0 ? 2 * Double(both) / all : 1
    }
  }

  /// What is to happen.
  public var outcome: Outcome
  /// Why, where it is not accepted.
  public var reason: ReasonCode?
  /// Of a held file: whether it is taken once a person releases it. nil where that was not looked at.
  public var isReleasable: Bool?
  /// The measured numbers that the receipt names, in order of printing: `have` → `12.1 MB`.
  public var numbers: [Number] = []
  /// What was changed on the private copy: `SQUEEZED_4D`, `NAN_ZEROED:12`.
  public var normalisations: [String] = []
  /// What is unusual but accepted: `ANISOTROPIC:0.9x0.9x6.4`.
  public var warnings: [String] = []
  /// Warns of a file that is not packed and whose last 64 KiB are all 0: it may have been reserved and not be filled yet.
  public static let tailZero = "TAIL_ZERO"
  /// SHA-256 of the file's bytes as they came; of a pair, of the header's bytes and then those of the voxels.
  public var inputDigest: String?
  /// SHA-256 of each file of a pair: the header's, the voxels'. nil where one file came.
  public var partDigests: [String]?
  /// SHA-256 over size, and voxels as scaled little-endian Float32 in storage order: identity of a scan whatever its wrapping.
  /// Of a mask that could be read as one, over its voxels as 0 and 1.
  public var voxelDigest: String?
  /// Where two masks were compared: how they overlap.
  public var overlap: Overlap?
  /// SHA-256 of the canonical copy written to standard output.
  public var canonicalDigest: String?
  /// Size and place of the grid.
  public var geometry: GridGeometry?
  /// Axis codes of the storage order, such as `RAS` or `LPS`.
  public var axisCodes: String?
  /// Foreground voxels of a mask; voxels that are not zero of a scan.
  public var foreground: Int?
  /// Lesions of an expert's mask: components by faces, edges or corners.
  public var lesionCount: Int?
  /// Volume of the largest of them, ml.
  public var largestLesionMl: Double?
  /// Values below and above which 1 % of a scan's non-zero voxels lie.
  public var range: [Double]?
  /// The case id found in the header of a mask that we wrote.
  public var ownCase: String?
  /// Memory in bytes that reading the file, or preparing the scan later, takes, as predicted from its header.
  public var predictedBytes: Int?

  /// A named figure, as printed.
  public struct Number: Codable, Sendable, Equatable {
    /// What it is.
    public var name: String
    /// Its value with its unit.
    public var value: String
    /// A named figure.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A verdict with nothing measured yet.
  public init(_ outcome: Outcome, reason: ReasonCode? = nil) {
    self.outcome = outcome
    self.reason = reason
  }
}

/// What a foreign file is meant to be.
public enum FileRole: String, Codable, Sendable, CaseIterable {
  /// A FLAIR volume.
  case scan
  /// An expert's lesion mask.
  case label
  /// A brain mask beside a scan.
  case brain
}

extension Verdict.Number {
  /// How far apart two grids lie, mm.
  public static func misplacement(_ distance: Double) -> Verdict.Number {
    Verdict.Number("distance", "\((distance * 1000).rounded() / 1000) mm")
  }

  /// How many voxels a mask and the scan that it is of have along each axis.
  public static func shapes(ofLabel label: GridGeometry, scan: GridGeometry) -> [Verdict.Number] {
    let text = { (size: [Int]) in size.map { String($0) }.joined(separator: "x") }
    return [Verdict.Number("label", text(label.size)), Verdict.Number("scan", text(scan.size))]
  }
}
