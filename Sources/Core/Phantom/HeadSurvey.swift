/// The parts of a brain that are drawn each by its own rules.
enum BrainRegion: Sendable { case cerebrum, cerebellum, stem }

/// What is known of every voxel of a head before anything is painted. Arrays are x fastest, as long as the grid has voxels.
struct HeadSurvey: Sendable {
  let anatomy: Anatomy
  let grid: Grid
  /// Voxels inside the hull with all their neighbours, in the order of the grid.
  private(set) var places: [Int] = []
  /// Where a voxel lies in the head that all subjects have in common, mm.
  private(set) var common: [SIMD3<Float>]
  /// Depths below the hulls, mm.
  private(set) var depths: [Anatomy.Hull]
  /// Depth below the surface of a hemisphere, its inner side included, mm.
  private(set) var hemisphere: [Float]
  /// Fields that are 0 along the sheets of sulci, of their branches, and of the cerebellum's furrows.
  private(set) var folds: [Float]
  private(set) var branches: [Float]
  private(set) var folia: [Float]

  init(_ anatomy: Anatomy, on grid: Grid) {
    (self.anatomy, self.grid) = (anatomy, grid)
    let count = grid.count
    common = Array(repeating: .zero, count: count)
    folds = Array(repeating: 0, count: count)
    branches = Array(repeating: 0, count: count)
    hemisphere = Array(repeating: -9, count: count)
    folia = Array(repeating: 0, count: count)
    depths = Array(repeating: Anatomy.Hull(cerebrum: -9, cerebellum: -9, stem: -9), count: count)
    findHulls()
    foldCortex()
  }

  private mutating func findHulls() {
    // One voxel beyond the hull is drawn as well: slopes are taken over neighbours.
    let reach = -2.5 * grid.spacing
    for index in 0..<grid.count {
      let place = grid.world(index)
      let rough = (place - Anatomy.centre) / SIMD3(82, 102, 92)
      guard rough.length < 1 else { continue }
      let q = anatomy.common(place)
      let hull = anatomy.hull(q)
      guard hull.depth > reach else { continue }
      common[index] = q
      depths[index] = hull
      if hull.cerebrum > reach { hemisphere[index] = min(hull.cerebrum, anatomy.midline(q)) }
      if hull.cerebellum > reach { folia[index] = anatomy.folia(q) }
      if hull.depth > 0, grid.isInner(grid.place(index)) { places.append(index) }
    }
  }

  private mutating func foldCortex() {
    for index in 0..<grid.count where hemisphere[index] > -0.6 * grid.spacing && hemisphere[index] < 30 {
      guard grid.isInner(grid.place(index)) else { continue }
      // Sulci are drawn on the surface and carried straight inwards.
      let inwards = difference(of: hemisphere, about: index)
      let side: Float = common[index].x < 0 ? -1 : 1
      var surface = common[index] - inwards / max(inwards.length, 1e-3) * hemisphere[index]
      surface.x = side * max(side * surface.x, 0.01)
      (folds[index], branches[index]) = anatomy.folds(common[index], below: surface)
    }
  }

  /// Distance in mm to where a field is 0, by its value and slope. For inner voxels.
  func sheetDistance(_ field: [Float], _ index: Int) -> Float {
    let slope = difference(of: field, about: index)
    return abs(field[index]) / max(slope.length / (2 * grid.spacing), 0.03)
  }

  /// Which part of the brain a voxel belongs to.
  func region(of index: Int) -> BrainRegion {
    let hull = depths[index]
    if hull.stem > max(0, hull.cerebellum) || (hull.stem > 0 && hull.cerebrum > 0 && common[index].z < -6) {
      return .stem
    }
    return hull.cerebellum > hull.cerebrum ? .cerebellum : .cerebrum
  }

  /// A field behind a voxel minus before it, along x, y and z. For inner voxels.
  private func difference(of field: [Float], about index: Int) -> SIMD3<Float> {
    let (stepY, stepZ) = (grid.size.x, grid.size.x * grid.size.y)
    return SIMD3(
      field[index + 1] - field[index - 1], field[index + stepY] - field[index - stepY],
      field[index + stepZ] - field[index - stepZ])
  }
}
