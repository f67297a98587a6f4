import Contract

/// A scan on its way to the reference grid.
struct ScanInPreparation {
  var volume: Volume<Float>
  var brain: Volume<UInt8>
  var geometry: GridGeometry
  var mappings: [any GridMapping] = []

  private let brainMask: Image?
  private let settings: PreparationSettings
  private let stored: GridGeometry
  private var isBrainGiven: Bool { brainMask != nil && settings.brain == .provided }

  init(image: Image, brainMask: Image?, settings: PreparationSettings) {
    volume = image.volume
    brain = Volume(size: GridSize(0, 0, 0), values: [])
    geometry = image.geometry
    stored = image.geometry
    self.brainMask = brainMask
    self.settings = settings
  }

  // MARK: Axes

  mutating func orderAxes() -> PreparationStep {
    let order = AxisOrder(of: geometry)
    volume = order.canonical(volume)
    geometry = order.canonical(geometry)
    mappings.append(order)
    let signed = (0..<3).map { Double(order.storage[$0] + 1) * (order.isReversed[$0] ? -1 : 1) }
    return PreparationStep(name: "axes", figures: ["x": signed[0], "y": signed[1], "z": signed[2]])
  }

  /// The voxels of an image that goes with a scan, in RAS order.
  static func canonical(_ image: Image, like scan: GridGeometry) throws(Rejection) -> Volume<Float> {
    let (own, others) = (AxisOrder(of: image.geometry), AxisOrder(of: scan))
    let ordered = own.canonical(image.volume)
    guard ordered.size.list == others.canonical(scan.size) else {
      throw Rejection(
        .reject, .labelShape,
        [
          "scan": scan.size.map { "\($0)" }.joined(separator: "x"),
          "mask": image.geometry.size.map { "\($0)" }.joined(separator: "x"),
        ])
    }
    return ordered
  }

  // MARK: Brain

  /// Least volume of a brain, ml: below this there is none.
  private static let leastMl = 10.0
  /// Share of the grid above which voxels that are not zero are no stripped brain but a whole head with its noise.
  private static let mostShare = 0.8

  mutating func findBrain() throws(Rejection) -> PreparationStep {
    // Splines ring into the background, and some scanners store signed values: below 0 there is no signal.
    var clipped = 0
    for index in volume.values.indices where volume.values[index] < 0 {
      volume.values[index] = 0
      clipped += 1
    }
    if isBrainGiven, let brainMask {
      brain = try Self.canonical(brainMask, like: stored).mask(above: 0.5)
    } else {
      brain = volume.mask(above: 0)
    }
    let voxels = brain.total
    let ml = Double(voxels) * geometry.voxelVolume / 1000
    let share = Double(voxels) / Double(brain.size.count)
    guard ml >= Self.leastMl else {
      throw Rejection(.hold, .noBrain, ["brain": ml.fixed(1) + " ml", "least": Self.leastMl.fixed(0) + " ml"])
    }
    guard isBrainGiven || share <= Self.mostShare else {
      throw Rejection(
        .hold, .noBrain,
        [
          "not zero": (100 * share).fixed(1) + " %", "most": (100 * Self.mostShare).fixed(0) + " %",
          "wanted": "a skull-stripped scan, or a brain mask beside it",
        ])
    }
    return PreparationStep(
      name: "brain",
      figures: [
        "provided": isBrainGiven ? 1 : 0, "voxels": Double(voxels), "ml": ml, "clipped": Double(clipped),
      ])
  }

  /// The middle of the brain's bounding box, voxels; of its largest piece, because specks of noise are no brain.
  private func brainCentre() -> [Double] {
    let (pieces, count) = Components.label(brain, connectivity: .faces)
    let sizes = Components.sizes(of: pieces, count: count)
    let largest = sizes.indices.max { sizes[$0] < sizes[$1] } ?? 0
    return Components.boxes(of: pieces, count: count)[largest].centre
  }

  // MARK: Placement

  mutating func place(in grid: ReferenceGrid, isReleased: Bool) throws(Rejection) -> PreparationStep {
    let spacing = geometry.spacing
    let placement = Placement(of: volume.size, spacing: spacing, in: grid, brainCentre: brainCentre)
    let before = brain.total
    if placement.isIdentity {
      maskOutside()
    } else {
      let shares = placement.place(brain.floats)
      volume = placement.place(volume)
      brain = shares.mask(from: 0.5)
      maskOutside()
    }
    let after = brain.total
    let volumes = (Double(before) * geometry.voxelVolume, Double(after) * grid.spacing * grid.spacing * grid.spacing)
    guard volumes.1 >= 0.9 * volumes.0 || isReleased else {
      throw Rejection(
        .hold, .fieldOfView,
        ["brain": (volumes.0 / 1000).fixed(1) + " ml", "in the grid": (volumes.1 / 1000).fixed(1) + " ml"])
    }
    geometry = placed(geometry, by: placement)
    mappings.append(placement)
    var figures = ["resampled": placement.isShift ? 0 : 1, "brain_ml": volumes.1 / 1000]
    for (axis, name) in ["x", "y", "z"].enumerated() {
      figures["origin_\(name)"] = placement.axes[axis].origin
      figures["step_\(name)"] = placement.axes[axis].step
    }
    return PreparationStep(name: "placement", figures: figures)
  }

  private mutating func maskOutside() {
    for index in volume.values.indices where brain.values[index] == 0 { volume.values[index] = 0 }
  }

  private func placed(_ geometry: GridGeometry, by placement: Placement) -> GridGeometry {
    var affine = geometry.affine
    let origin = placement.axes.map(\.origin)
    let world = geometry.world(origin[0], origin[1], origin[2])
    for row in 0..<3 {
      for axis in 0..<3 { affine[4 * row + axis] *= placement.axes[axis].step }
      affine[4 * row + 3] = world[row]
    }
    return GridGeometry(size: placement.axes.map(\.outputs), affine: affine)
  }

  // MARK: Intensity

  mutating func divideByPeak() throws(Rejection) -> PreparationStep {
    guard let peak = FlairPeak(of: volume.values) else {
      throw Rejection(.hold, .valueRange, ["histogram": "no peak"])
    }
    let factor = Float(peak.peak)
    for index in volume.values.indices { volume.values[index] /= factor }
    return PreparationStep(name: "intensity", figures: ["peak": peak.peak, "percentile_99": peak.percentile])
  }
}
