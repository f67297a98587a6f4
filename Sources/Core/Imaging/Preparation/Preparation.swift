import Contract

/// A scan on the reference grid, with the way back.
public struct Prepared: Sendable {
  /// The scan: 0 outside the brain, and the FLAIR peak is 1.
  public let image: Volume<Float>
  /// The brain: 1, elsewhere 0.
  public let brain: Volume<UInt8>
  /// The grid of both.
  public let grid: ReferenceGrid
  /// Where that grid lies in the scan's world.
  public let geometry: GridGeometry
  /// What was done, in order, with figures.
  public let steps: [PreparationStep]
  /// Size and place of the scan as it was stored.
  public let scan: GridGeometry
  let mappings: [any GridMapping]

  /// A map on the reference grid (0 outside it), on the scan's own grid in its storage order. Where no voxel was
  /// resampled the values come back exactly; otherwise linearly towards finer voxels, as means towards coarser.
  public func restore(probability: Volume<Float>) -> Volume<Float> {
    mappings.reversed().reduce(probability) { $1.restore($0) }
  }
}

/// Makes a scan a volume on the reference grid: axes, brain, placement with resampling, intensity.
///
/// Each step changes the scan and answers what it measured; a step that moves voxels also leaves its way back. A
/// further step (bias field, brain extraction, registration) is one more of these.
public struct Preparation: Sendable {
  /// The grid.
  public let grid: ReferenceGrid
  private let settings: PreparationSettings

  /// A preparation onto the grid of `settings`.
  public init(settings: PreparationSettings) {
    self.settings = settings
    grid = ReferenceGrid(settings)
  }

  /// Bytes of memory a voxel of the scan that preparing it takes at its highest: the scan (4), its copy in RAS order and
  /// its brain (5), two volumes on the way to the grid (8). The grid itself and the network do not grow with the scan.
  public static let bytesPerVoxel = 17

  /// Prepares `image`. A brain mask must have the scan's size, in its own or any other axis order.
  ///
  /// Throws `NO_BRAIN` (held) where no brain can be told, `LABEL_SHAPE` where a brain mask has another size, `FOV`
  /// where the brain does not fit the grid, `VALUE_RANGE` where the intensities have no peak. `isReleased`: a person
  /// knows that part of the brain lies outside of the grid and wants a mask of the rest.
  public func prepare(_ image: Image, brain: Image? = nil, isReleased: Bool = false) throws(Rejection) -> Prepared {
    var scan = ScanInPreparation(image: image, brainMask: brain, settings: settings)
    let steps: [PreparationStep?] = [
      scan.orderAxes(), try scan.findBrain(), try scan.place(in: grid, isReleased: isReleased), try scan.divideByPeak(),
    ]
    return Prepared(
      image: scan.volume, brain: scan.brain, grid: grid, geometry: scan.geometry, steps: steps.compactMap { $0 },
      scan: image.geometry, mappings: scan.mappings)
  }

  /// A mask of a prepared scan on the reference grid: 1 where at least half of a voxel is lesion; a lesion that
  /// would vanish keeps one voxel. The mask's axis order may differ from the scan's; its size may not (`LABEL_SHAPE`).
  public func placeMask(_ mask: Image, in prepared: Prepared) throws(Rejection) -> Volume<UInt8> {
    let ordered = try ScanInPreparation.canonical(mask, like: prepared.scan)
    return prepared.mappings.dropFirst().reduce(ordered.mask(above: 0.5)) { $1.place($0) }
  }
}
