/// The inside of one head, as functions of a place in mm (RAS+, about the origin of MNI space). Sizes follow common
/// anatomy; every subject is scaled, tilted and warped in its own way.
struct Anatomy: Sendable {
  private let scale: SIMD3<Float>
  private let tilt: SIMD3<Float>
  private let warp: [Noise]
  private let warpSize: Float
  private let ventricleSize: Float
  private let foldWarp: [Noise]
  private let foldWarpSize: Float
  private let fold: Noise
  private let branch: Noise
  private let folia: Noise
  private let fissureSway: Noise

  init(seed: UInt64, ranges: AnatomyRanges = PhantomParameters.frozen.anatomy) {
    var chance = Chance(seed: seed, 1)
    scale = SIMD3(chance.uniform(ranges.scale), chance.uniform(ranges.scale), chance.uniform(ranges.scale))
    tilt = SIMD3(chance.uniform(ranges.tilt), chance.uniform(ranges.tilt), chance.uniform(ranges.tilt))
    ventricleSize = chance.uniform(ranges.ventricleSize)
    warp = (10..<13).map { Noise(seed: seed, $0, wavelength: ranges.warpWavelength) }
    warpSize = ranges.warp
    foldWarp = (13..<16).map { Noise(seed: seed, $0, wavelength: ranges.foldWarpWavelength) }
    foldWarpSize = ranges.foldWarp
    fold = Noise(seed: seed, 16, wavelength: chance.uniform(ranges.foldWavelength))
    branch = Noise(seed: seed, 19, wavelength: ranges.branchWavelength)
    folia = Noise(seed: seed, 17, wavelengths: SIMD3(36, 22, 6))
    fissureSway = Noise(seed: seed, 18, wavelength: 45)
  }

  /// The place in the common head that this place of the subject's head corresponds to.
  func common(_ place: SIMD3<Float>) -> SIMD3<Float> {
    let centred = place - Anatomy.centre
    // Small rotations about the three axes in turn, to first order and rescaled.
    var turned = centred
    turned += SIMD3(-tilt.z * centred.y + tilt.y * centred.z, tilt.z * centred.x - tilt.x * centred.z, 0)
    turned.z += tilt.x * centred.y - tilt.y * centred.x
    let sway = SIMD3(warp[0](place), warp[1](place), warp[2](place)) * warpSize
    return turned / scale + sway + Anatomy.centre
  }

  static let centre = SIMD3<Float>(0, -18, 8)

  /// The parts of the hull at a place of the common head: depth in mm below each surface, negative outside.
  struct Hull {
    var cerebrum: Float
    var cerebellum: Float
    var stem: Float
    var depth: Float { max(cerebrum, max(cerebellum, stem)) }
  }

  func hull(_ q: SIMD3<Float>) -> Hull {
    let mirrored = SIMD3(abs(q.x), q.y, q.z)
    // Narrower to the front, as heads are.
    let taper = 1 + 0.0022 * max(q.y + 10, 0)
    let dome = Solid.ellipsoid(
      SIMD3(q.x * taper, q.y, q.z), centre: SIMD3(0, -17, 12), radii: SIMD3(68, 88, 66))
    let floor = -(q.z + 19 - 0.07 * abs(q.y + 10))
    let base = -Solid.union(-dome, -floor, rounded: 16)
    let temporal = Solid.ellipsoid(
      mirrored, centre: SIMD3(43, -14, -20), radii: SIMD3(22, 45, 24))
    let cerebrum = Solid.union(base, temporal, rounded: 7)
    let lobe = Solid.ellipsoid(mirrored, centre: SIMD3(23, -65, -33), radii: SIMD3(31, 30, 25))
    let vermis = Solid.ellipsoid(q, centre: SIMD3(0, -61, -31), radii: SIMD3(14, 26, 23))
    let cerebellum = Solid.union(lobe, vermis, rounded: 8)
    let upper = Solid.tube(q, SIMD4(0, -20, -4, 15), SIMD4(0, -28, -32, 12.5))
    let lower = Solid.tube(q, SIMD4(0, -28, -32, 12.5), SIMD4(0, -37, -61, 8))
    let pons = Solid.ellipsoid(q, centre: SIMD3(0, -23, -31), radii: SIMD3(17, 13, 15))
    let stem = Solid.union(min(upper, lower), pons, rounded: 6)
    return Hull(cerebrum: -cerebrum, cerebellum: -cerebellum, stem: -stem)
  }

  /// Noise whose zeros are the sulci, at a place below `surface`, a place on a hemisphere: `primary` ones, and
  /// `branches` between. They wind on their way inwards.
  func folds(_ q: SIMD3<Float>, below surface: SIMD3<Float>) -> (primary: Float, branches: Float) {
    let sway = SIMD3(foldWarp[0](q), foldWarp[1](q), foldWarp[2](q)) * foldWarpSize
    let place = surface + sway + SIMD3(surface.x < 0 ? -300 : 300, 0, 0)
    return (fold(place), branch(place))
  }

  /// Distance in mm to the plane between the hemispheres, above the callosum; 0 on it.
  func midline(_ q: SIMD3<Float>) -> Float {
    let away = abs(q.x - fissureSway(q) * 0.8)
    let aboveCallosum = Solid.ellipsoid(SIMD3(0, q.y, q.z), centre: SIMD3(0, -7, 3), radii: SIMD3(40, 39, 25))
    return aboveCallosum > 0 ? away : SIMD3(away, aboveCallosum, 0).length
  }

  /// Noise whose zeros are the fissures between the folia of the cerebellum.
  func folia(_ q: SIMD3<Float>) -> Float { folia(SIMD3(q.x, q.y + 0.4 * q.z, q.z)) }

  /// Distance in mm to fluid in the lateral fissures; negative in it.
  func lateralFissures(_ q: SIMD3<Float>, halfWidth: Float) -> Float {
    guard abs(q.x) > 20 else { return 20 }
    let swayed = q + SIMD3(foldWarp[0](q), foldWarp[1](q), foldWarp[2](q)) * 1.3
    let mirrored = SIMD3(abs(swayed.x) + 0.0035 * swayed.y * swayed.y, swayed.y, swayed.z)
    let slanted = mirrored.z - 1 - 0.28 * mirrored.y
    let lateral = Solid.box(
      SIMD3(mirrored.x, mirrored.y, slanted), centre: SIMD3(62, -6, -2), half: SIMD3(23, 30, halfWidth * 0.9))
    let insula = Solid.box(
      SIMD3(mirrored.x, mirrored.y, slanted), centre: SIMD3(40, -3, -2), half: SIMD3(halfWidth * 0.4, 18, 7))
    return min(lateral, insula) - 0.3
  }

  /// Distance in mm to the ventricles; negative inside.
  func ventricles(_ q: SIMD3<Float>) -> Float {
    let m = SIMD3(abs(q.x), q.y, q.z)
    let s = ventricleSize
    let horns: [(SIMD4<Float>, SIMD4<Float>)] = [
      (SIMD4(14, 32, 2, 2 * s), SIMD4(7.5, 12, 12, 4.2 * s)),
      (SIMD4(7.5, 12, 12, 4.2 * s), SIMD4(10, -10, 20, 4.2 * s)),
      (SIMD4(10, -10, 20, 4.2 * s), SIMD4(21, -37, 13, 5.8 * s)),
      (SIMD4(21, -37, 13, 5.8 * s), SIMD4(25, -63, 5, 1.6 * s)),
      (SIMD4(21, -37, 13, 4.5 * s), SIMD4(32, -30, -7, 2.2 * s)),
      (SIMD4(32, -30, -7, 2.2 * s), SIMD4(33, -12, -17, 2 * s)),
    ]
    var nearest = Solid.tube(m, horns[0].0, horns[0].1)
    for horn in horns.dropFirst() { nearest = Solid.union(nearest, Solid.tube(m, horn.0, horn.1), rounded: 2) }
    // The septum keeps the two sides apart.
    nearest = max(nearest, 1 - m.x)
    let third = Solid.ellipsoid(q, centre: SIMD3(0, -10, 0), radii: SIMD3(1.9 + s, 14, 9))
    let fourth = Solid.ellipsoid(q, centre: SIMD3(0, -43, -33), radii: SIMD3(7.5, 4 + s, 9))
    return min(nearest, min(third, fourth))
  }

  /// Grey matter inside: depth in mm in the caudate, lentiform nucleus, thalamus, hippocampus; and in the pallidum.
  func nuclei(_ q: SIMD3<Float>) -> (grey: Float, pallidum: Float) {
    let m = SIMD3(abs(q.x), q.y, q.z)
    let caudate = min(
      Solid.ellipsoid(m, centre: SIMD3(14.5, 14, 6), radii: SIMD3(5.2, 10.5, 8)),
      Solid.tube(m, SIMD4(16, 4, 16, 3.2), SIMD4(19, -18, 19, 2)))
    let thalamus = Solid.ellipsoid(m, centre: SIMD3(11.5, -18, 6), radii: SIMD3(8.5, 13.5, 8.5))
    let lentiform = Solid.ellipsoid(m, centre: SIMD3(25.5, 2, 1), radii: SIMD3(6.8, 16, 10))
    let hippocampus = Solid.tube(m, SIMD4(26, -8, -20, 4.5), SIMD4(29, -32, -8, 3.5))
    let pallidum = Solid.ellipsoid(m, centre: SIMD3(20, -4, -1), radii: SIMD3(4, 8, 6))
    return (-min(min(caudate, thalamus), min(lentiform, hippocampus)), -pallidum)
  }

  /// Distance in mm to the tufts of choroid plexus in the atria.
  func plexus(_ q: SIMD3<Float>) -> Float {
    Solid.tube(SIMD3(abs(q.x), q.y, q.z), SIMD4(20, -36, 11, 2.4), SIMD4(26, -34, 3, 1.6))
  }
}
