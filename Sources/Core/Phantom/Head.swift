/// A head on a grid: which tissue fills how much of each voxel. Arrays are x fastest, `size.x * size.y * size.z` long.
struct Head: Sendable {
  let grid: Grid
  /// 1 inside the brain's hull, else 0.
  var brain: [UInt8]
  /// Shares of a voxel; what is missing to 1 is white matter.
  var fluid: [Float]
  var cortex: [Float]
  var nuclei: [Float]
  /// Relative signal of the tissue itself, about 1: texture, pallidum, bright limbic cortex, rims.
  var tone: [Float]
  /// Distance in mm to the ventricles and to the pial surface (positive below it).
  var ventricle: [Float]
  var pia: [Float]
  /// Whether a voxel lies in cerebellum or brain stem.
  var below: [Bool]
}

/// A lattice of voxels centred on a head. Whole numbers are centres; x to the right, y to the front, z up.
struct Grid: Sendable {
  let size: SIMD3<Int>
  let spacing: Float

  var count: Int { size.x * size.y * size.z }

  /// World position in mm of voxel 0: the brain lies in the middle of the grid.
  var origin: SIMD3<Float> {
    let middle = SIMD3<Float>(0, -18, 6)
    let half = SIMD3<Float>(SIMD3<Int>(size.x - 1, size.y - 1, size.z - 1)) * (0.5 * spacing)
    return SIMD3((middle.x - half.x).rounded(), (middle.y - half.y).rounded(), (middle.z - half.z).rounded())
  }

  func index(_ x: Int, _ y: Int, _ z: Int) -> Int { x + size.x * (y + size.y * z) }

  func place(_ index: Int) -> SIMD3<Int> {
    SIMD3(index % size.x, index / size.x % size.y, index / (size.x * size.y))
  }

  func world(_ index: Int) -> SIMD3<Float> { origin + SIMD3<Float>(place(index)) * spacing }

  /// Whether all 26 neighbours of this voxel are on the grid.
  func isInner(_ p: SIMD3<Int>) -> Bool {
    p.x > 0 && p.y > 0 && p.z > 0 && p.x < size.x - 1 && p.y < size.y - 1 && p.z < size.z - 1
  }

  /// Index steps to the 26 neighbours of an inner voxel.
  var neighbours: [Int] {
    var steps: [Int] = []
    for z in -1...1 {
      for y in -1...1 {
        for x in -1...1 where x != 0 || y != 0 || z != 0 {
          steps.append(x + size.x * (y + size.y * z))
        }
      }
    }
    return steps
  }
}

extension Head {
  /// Draws the head of a subject.
  init(seed: UInt64, on grid: Grid, texture: Float, ranges: AnatomyRanges = PhantomParameters.frozen.anatomy) {
    let anatomy = Anatomy(seed: seed, ranges: ranges)
    var chance = Chance(seed: seed, 2)
    let halfWidth = chance.uniform(ranges.sulcusHalfWidth)
    let thickness = chance.uniform(ranges.cortexThickness)
    let sulcusDepth = chance.uniform(ranges.sulcusDepth)
    let rim = chance.uniform(ranges.brightRim)
    let depthNoise = Noise(seed: seed, 20, wavelength: 40)
    let whiteNoise = Noise(seed: seed, 21, wavelength: 24)
    let greyNoise = Noise(seed: seed, 22, wavelength: 11)
    let count = grid.count
    self.grid = grid
    brain = Array(repeating: 0, count: count)
    fluid = Array(repeating: 1, count: count)
    cortex = Array(repeating: 0, count: count)
    nuclei = Array(repeating: 0, count: count)
    tone = Array(repeating: 1, count: count)
    ventricle = Array(repeating: 100, count: count)
    pia = Array(repeating: -100, count: count)
    below = Array(repeating: false, count: count)

    var places: [Int] = []
    var common = [SIMD3<Float>](repeating: .zero, count: count)
    var folds = [Float](repeating: 0, count: count)
    var branches = [Float](repeating: 0, count: count)
    // Depth below the surface of a hemisphere, its inner side included.
    var hemisphere = [Float](repeating: -9, count: count)
    var folia = [Float](repeating: 0, count: count)
    var depths = [Anatomy.Hull](repeating: Anatomy.Hull(cerebrum: -9, cerebellum: -9, stem: -9), count: count)
    // One voxel beyond the hull is drawn as well: slopes are taken over neighbours.
    let reach = -2.5 * grid.spacing
    for index in 0..<count {
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

    let (stepY, stepZ) = (grid.size.x, grid.size.x * grid.size.y)
    let voxel = grid.spacing
    for index in 0..<count where hemisphere[index] > -0.6 * voxel && hemisphere[index] < 30 {
      guard grid.isInner(grid.place(index)) else { continue }
      // Sulci are drawn on the surface and carried straight inwards.
      let inwards = SIMD3(
        hemisphere[index + 1] - hemisphere[index - 1], hemisphere[index + stepY] - hemisphere[index - stepY],
        hemisphere[index + stepZ] - hemisphere[index - stepZ])
      let side: Float = common[index].x < 0 ? -1 : 1
      var surface = common[index] - inwards / max(inwards.length, 1e-3) * hemisphere[index]
      surface.x = side * max(side * surface.x, 0.01)
      (folds[index], branches[index]) = anatomy.folds(common[index], below: surface)
    }
    func sheetDistance(_ field: [Float], _ index: Int) -> Float {
      let slope = SIMD3(
        field[index + 1] - field[index - 1], field[index + stepY] - field[index - stepY],
        field[index + stepZ] - field[index - stepZ])
      return abs(field[index]) / max(slope.length / (2 * voxel), 0.03)
    }
    func share(_ depth: Float) -> Float { min(max(0.5 + depth / voxel, 0), 1) }

    for index in places {
      let q = common[index]
      let hull = depths[index]
      let isStem = hull.stem > max(0, hull.cerebellum) || (hull.stem > 0 && hull.cerebrum > 0 && q.z < -6)
      let isCerebellum = !isStem && hull.cerebellum > hull.cerebrum
      below[index] = isStem || isCerebellum
      var surface: Float
      var thick = thickness
      if isCerebellum {
        let depth = min(hull.cerebellum, 14)
        let reach = 6.5 + 2 * depthNoise(q)
        let beyond = max(depth - reach, 0)
        let sheet = sheetDistance(folia, index)
        surface = min(hull.cerebellum, SIMD3(sheet, beyond, 0).length - halfWidth * 0.5)
        thick = 3.1
      } else if isStem {
        surface = hull.stem
        thick = 0
      } else {
        let depth = hemisphere[index]
        // Shallower and rarer where hemispheres face each other.
        let facing = hull.cerebrum > depth + 4
        let reach = (sulcusDepth + ranges.sulcusDepthSpread * depthNoise(q)) * (facing ? 0.5 : 1)
        let width = halfWidth * (1.7 - 1.4 * min(max(depth / max(reach, 1), 0), 1)) * (1 + 0.3 * greyNoise(q))
        let sulcus = SIMD3(sheetDistance(folds, index), max(depth - reach, 0), 0).length - width
        let branch =
          SIMD3(
            sheetDistance(branches, index), max(depth - (facing ? 2 : ranges.branchDepth), 0), 0
          ).length - 0.4 * width
        let hulls = min(hull.cerebrum, anatomy.midline(q) - halfWidth * 0.8)
        surface = min(min(hulls, min(sulcus, branch)), anatomy.lateralFissures(q, halfWidth: halfWidth))
      }
      let wall = anatomy.ventricles(q)
      let inside = anatomy.nuclei(q)
      let wet = max(1 - share(surface), 1 - share(wall))
      let ribbon = thick > 0 && wall > 2 ? (1 - share(surface - thick)) : 0
      let deep = below[index] ? 0 : share(inside.grey)
      // The outline follows the gyri, as that of a stripped head does.
      if wet < 0.75 || hull.depth > 4 { brain[index] = 1 }
      fluid[index] = wet
      cortex[index] = (1 - wet) * ribbon
      nuclei[index] = (1 - wet) * (1 - ribbon) * deep
      ventricle[index] = wall
      pia[index] = surface

      let limbic = isCerebellum || isStem ? 0 : 0.07 * (1 - smoothStep(6, 16, abs(q.x))) * smoothStep(-40, 20, q.y)
      let insula = 0.06 * (1 - smoothStep(2, 8, abs(abs(q.x) - 38))) * (1 - smoothStep(18, 28, abs(q.y)))
      let grey = 1 + texture * ranges.greyTexture * greyNoise(q) + limbic + insula
      let posterior = 0.05 * smoothStep(20, 60, -q.y)
      let lining = rim * (1 - smoothStep(0.4, 3.2, max(wall, 0))) * (wall > -voxel ? 1 : 0)
      let pallid = -0.17 * share(inside.pallidum) * deep
      let white = 1 + texture * ranges.whiteTexture * whiteNoise(q) + posterior + lining + (isStem ? 0.03 : 0)
      let tissue = max(1 - wet, 1e-6)
      let greyShare = (cortex[index] + nuclei[index]) / tissue
      tone[index] = mix(white, grey, greyShare) + pallid
      if anatomy.plexus(q) < 0, wall < 0 {
        fluid[index] = 0.35
        cortex[index] = 0.65
      }
    }
  }
}
