import Contract

/// The grid on which the network works.
public struct ReferenceGrid: Hashable, Sendable {
  /// Voxels along x (to the right), y (to the front), z (up).
  public let size: GridSize
  /// Edge of its voxels, mm.
  public let spacing: Double

  /// A grid of cubes of `spacing` mm.
  public init(size: GridSize, spacing: Double) {
    self.size = size
    self.spacing = spacing
  }

  /// The grid of `settings`, whose size must have three positive numbers.
  public init(_ settings: PreparationSettings) {
    self.init(size: GridSize(settings.size), spacing: settings.spacing)
  }

  /// The grid around the world's origin, for what is written without a scan.
  public var geometry: GridGeometry {
    let origin = size.list.map { -Double($0 - 1) / 2 * spacing }
    return GridGeometry(
      size: size.list, affine: [spacing, 0, 0, origin[0], 0, spacing, 0, origin[1], 0, 0, spacing, origin[2]])
  }
}

/// A step that moved voxels, and its way back.
protocol GridMapping: Sendable {
  /// A map on the grid after the step, on the grid before it.
  func restore(_ volume: Volume<Float>) -> Volume<Float>
  /// A mask on the grid before the step, on the grid after it.
  func place(_ mask: Volume<UInt8>) -> Volume<UInt8>
}

extension AxisOrder: GridMapping {
  func restore(_ volume: Volume<Float>) -> Volume<Float> { stored(volume) }
  func place(_ mask: Volume<UInt8>) -> Volume<UInt8> { canonical(mask) }
}

/// Where a scan in RAS order lies in the reference grid, axis by axis.
struct Placement: GridMapping, Equatable {
  let axes: [AxisSampling]

  /// Scans whose spacing agrees with the grid's to a thousandth are moved by whole voxels: not at all where the
  /// sizes are equal; concentrically where they differ by two voxels at most (both are then the same template's
  /// grid, and a registered cohort stays registered); by their brain otherwise. Others are scaled about the brain.
  init(of size: GridSize, spacing: [Double], in grid: ReferenceGrid, brainCentre: () -> [Double]) {
    let agrees = spacing.allSatisfy { abs($0 - grid.spacing) <= 1e-3 * grid.spacing }
    let isTemplate = agrees && (0..<3).allSatisfy { abs(size.list[$0] - grid.size.list[$0]) <= 2 }
    let centre = isTemplate ? [] : brainCentre()
    axes = (0..<3).map { axis in
      let (inputs, outputs) = (size.list[axis], grid.size.list[axis])
      if isTemplate {
        let shift = (Double(inputs - outputs) / 2).rounded(.down)
        return AxisSampling(inputs: inputs, outputs: outputs, origin: shift, step: 1)
      }
      let step = agrees ? 1 : grid.spacing / spacing[axis]
      let origin = centre[axis] - Double(outputs - 1) / 2 * step
      return AxisSampling(
        inputs: inputs, outputs: outputs, origin: agrees ? origin.rounded() : origin, step: step)
    }
  }

  var isIdentity: Bool { axes.allSatisfy(\.isIdentity) }
  var isShift: Bool { axes.allSatisfy(\.isShift) }

  func place(_ volume: Volume<Float>) -> Volume<Float> {
    // Axes that shrink go first: less to carry through the others.
    (0..<3).sorted { axes[$0].step > axes[$1].step }.reduce(volume) { axes[$1].apply(to: $0, axis: $1) }
  }

  func restore(_ volume: Volume<Float>) -> Volume<Float> {
    let back = axes.map(\.inverse)
    return (0..<3).sorted { back[$0].step > back[$1].step }.reduce(volume) { back[$1].apply(to: $0, axis: $1) }
  }

  /// A voxel belongs to the mask where at least half of it does. A lesion that would vanish keeps the one voxel that
  /// has most of it: small lesions are what the count is about.
  func place(_ mask: Volume<UInt8>) -> Volume<UInt8> {
    let shares = place(mask.floats)
    var placed = shares.mask(from: 0.5)
    guard !isShift else { return placed }
    let (lesions, count) = Components.label(mask, connectivity: .corners)
    guard count > 0 else { return placed }
    for box in Components.boxes(of: lesions, count: count) {
      let ranges = (0..<3).map { range(of: box.low[$0]...box.high[$0], axis: $0) }
      guard ranges.allSatisfy({ !$0.isEmpty }) else { continue }
      keepOne(shares, &placed, ranges)
    }
    return placed
  }

  /// The output voxels that a range of input voxels can reach.
  private func range(of inputs: ClosedRange<Int>, axis: Int) -> Range<Int> {
    let sampling = axes[axis]
    let reach = max(0.5, sampling.step / 2)
    let low = (Double(inputs.lowerBound) - reach - sampling.origin) / sampling.step
    let high = (Double(inputs.upperBound) + reach - sampling.origin) / sampling.step
    let first = max(0, Int(low.rounded(.up)))
    return first..<max(first, min(sampling.outputs, Int(high.rounded(.down)) + 1))
  }

  private func keepOne(_ shares: Volume<Float>, _ placed: inout Volume<UInt8>, _ ranges: [Range<Int>]) {
    var best: (share: Float, index: Int) = (0, -1)
    for z in ranges[2] {
      for y in ranges[1] {
        for x in ranges[0] {
          let index = shares.size.index(x, y, z)
          if placed.values[index] > 0 { return }
          if shares.values[index] > best.share { best = (shares.values[index], index) }
        }
      }
    }
    if best.index >= 0 { placed.values[best.index] = 1 }
  }
}
