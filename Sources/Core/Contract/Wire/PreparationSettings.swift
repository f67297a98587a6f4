/// How a scan becomes a volume on the reference grid.
public struct PreparationSettings: Codable, Sendable, Hashable {
  /// Where the brain mask comes from.
  public enum Brain: String, Codable, Sendable, CaseIterable {
    /// A `_brainmask` beside the scan; without one the non-zero voxels.
    case provided
    /// The scan is skull-stripped: its non-zero voxels.
    case nonzero
  }
  /// Voxel edge of the reference grid, mm.
  public var spacing: Double
  /// Voxels of the reference grid along x, y, z.
  public var size: [Int]
  /// Where the brain mask comes from.
  public var brain: Brain
  /// Volume of a voxel of the reference grid, mm³.
  public var voxelVolume: Double { spacing * spacing * spacing }

  /// Settings of the reference grid.
  public init(spacing: Double = 1, size: [Int] = [181, 217, 181], brain: Brain = .provided) {
    self.spacing = spacing
    self.size = size
    self.brain = brain
  }
}

/// A step of the preparation, with what it measured.
public struct PreparationStep: Codable, Sendable, Equatable {
  /// Its name: `axes`, `brain`, `placement`, `resample`, `intensity`.
  public var name: String
  /// What it measured, by name.
  public var figures: [String: Double]
  /// A step with its figures.
  public init(name: String, figures: [String: Double]) {
    self.name = name
    self.figures = figures
  }
}
