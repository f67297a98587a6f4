import Contract

/// What is taken, held and refused at the door.
public struct IntakeLimits: Sendable, Equatable {
  /// Largest file, bytes.
  public var maximumBytes = 4 << 30
  /// Most voxels.
  public var maximumVoxels = 512 << 20
  /// Most memory that reading and copying a file may take, bytes, as predicted from its header.
  public var maximumMemory = Int.max
  /// Least voxels along each axis.
  public var minimumSlices = 8
  /// Smallest voxel edge, mm.
  public var minimumVoxelMm = 0.3
  /// Largest voxel edge, mm.
  public var maximumVoxelMm = 8.0
  /// Least field of view along each axis, mm.
  public var minimumFovMm = 80.0
  /// A scan without orientation.
  public var unknownOrientation = UnknownOrientation.hold
  /// Whether a person says of this scan that its axes are RAS where its header says nothing.
  public var isOrientationVouchedFor = false
  /// A mask without a lesion.
  public var emptyLabels = EmptyLabels.hold
  /// The values of an expert mask that are lesion; empty: its only value besides 0 is, and several are held.
  public var lesionValues: [Int] = []
  /// A header that names a person.
  public var personalData = PersonalData.hold

  /// Limits for a file that nobody configured any for: about those of the service's `[accept]` section.
  public init() {}

  /// The same for a file that a person has looked at and wants taken as it is: what only a person can judge (an empty
  /// mask, unusual size, no orientation, a name in the header) is no longer doubted. What cannot be used stays out; an
  /// Analyze header too, which only the configuration may call RAS.
  public var released: IntakeLimits {
    var limits = self
    limits.minimumVoxelMm = 0
    limits.maximumVoxelMm = .infinity
    limits.minimumFovMm = 0
    limits.isOrientationVouchedFor = true
    limits.emptyLabels = .accept
    if limits.personalData == .hold { limits.personalData = .warn }
    return limits
  }

  /// For files that we wrote ourselves, admitted before: bounds on memory only, and every doubt already decided.
  public static let ours: IntakeLimits = {
    var limits = IntakeLimits()
    limits.minimumSlices = 1
    limits.minimumVoxelMm = 0
    limits.maximumVoxelMm = .infinity
    limits.minimumFovMm = 0
    limits.unknownOrientation = .assumeRAS
    limits.emptyLabels = .accept
    limits.personalData = .ignore
    return limits
  }()
}
