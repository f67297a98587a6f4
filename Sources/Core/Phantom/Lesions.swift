/// The MS lesions of one head: where they are and how bright.
struct Lesions: Sendable {
  /// 1 in a lesion, else 0: the truth.
  var mask: [UInt8]
  /// Signal above that of white matter at a lesion's voxels, else 0.
  var contrast: [Float]
  /// Voxels of each lesion; no two lesions touch, not even by a corner.
  var sizes: [Int]
}

/// Where a lesion begins.
enum LesionPlace: CaseIterable, Sendable { case periventricular, juxtacortical, infratentorial, deepWhite }

extension Lesions {
  /// Puts the lesions of a patient of `LesionTable` into a head. The table's sizes are voxels of masks of 1 mm and are
  /// taken as voxels of the head's grid, so that lesions are as hard to find at each spacing and grow with its cube. `load` in 0 ..< 1 says which: the share of the patients
  /// whom the head has room for that have fewer lesion voxels.
  init(
    seed: UInt64, in head: Head, load: Float, contrastFactor: Float,
    rules: LesionRules = PhantomParameters.frozen.lesions
  ) {
    var chance = Chance(seed: seed, 3)
    let brainVoxels = head.brain.reduce(0) { $0 + Int($1) }
    let sizes = Lesions.sizes(&chance, load: load, room: Int(Float(brainVoxels) * rules.mostOfBrain))
    mask = Array(repeating: 0, count: head.grid.count)
    contrast = Array(repeating: 0, count: head.grid.count)
    self.sizes = []
    let sites = Lesions.sites(in: head)
    // Lesions and their 26 neighbours: where the next one may not grow.
    var taken = [Bool](repeating: false, count: head.grid.count)
    let steps = head.grid.neighbours
    var growth = Growth()
    for (number, size) in sizes.enumerated() {
      let kind = Lesions.kind(ofSize: size, &chance, rules)
      guard let candidates = sites[kind], !candidates.isEmpty else { continue }
      for _ in 0..<24 {
        let start = candidates[chance.index(below: candidates.count)]
        let shape = LesionShape(kind, size: size, at: start, in: head, seed: seed &+ UInt64(number), &chance, rules)
        guard !taken[start] else { continue }
        let region = growth.region(from: start, size: size, steps: steps) { index in
          taken[index] || !shape.mayLie(at: index, in: head) ? nil : shape.cost(index, in: head)
        }
        guard region.count == size else { continue }
        let bright = chance.uniform(rules.contrast) * contrastFactor
        let texture = Noise(seed: seed, 400 &+ UInt64(number), wavelength: 4 * head.grid.spacing)
        for (rank, index) in region.enumerated() {
          mask[index] = 1
          let fading = 1 - rules.fading * Float(rank) / Float(size)
          contrast[index] = bright * fading * (1 + rules.innerTexture * texture(head.grid.world(index)))
          taken[index] = true
          for step in steps { taken[index + step] = true }
        }
        self.sizes.append(size)
        break
      }
    }
  }

  /// Sizes in voxels, largest first, of one patient's lesions.
  private static func sizes(_ chance: inout Chance, load: Float, room: Int) -> [Int] {
    let fitting = LesionTable.patients.filter { $0.voxels <= room }
    let candidates = fitting.isEmpty ? Array(LesionTable.patients.prefix(1)) : fitting
    let patient = candidates[min(Int(load * Float(candidates.count)), candidates.count - 1)]
    // Its own number give or take a fifth, at least one.
    let count = max(Int(Float(patient.lesions) * chance.uniform(0.8...1.2)), 1)
    return (0..<count).map { _ in max(Int(chance.draw(patient.sizes, at: LesionTable.sizeSteps) + 0.5), 1) }
      .sorted(by: >)
  }

  private static func kind(ofSize size: Int, _ chance: inout Chance, _ rules: LesionRules) -> LesionPlace {
    let draw = chance.uniform()
    // Large lesions are confluent ones along the ventricles.
    if size > 250 || draw < rules.periventricular { return .periventricular }
    if size > 120 || draw > rules.periventricular + rules.juxtacortical + rules.infratentorial { return .deepWhite }
    return draw < rules.periventricular + rules.juxtacortical ? .juxtacortical : .infratentorial
  }

  private static func sites(in head: Head) -> [LesionPlace: [Int]] {
    var sites: [LesionPlace: [Int]] = [:]
    let voxel = head.grid.spacing
    for index in 0..<head.grid.count where head.brain[index] == 1 && head.white(index) > 0.6 {
      let (wall, pia) = (head.ventricle[index], head.pia[index])
      if head.below[index] {
        if pia > 3, wall > 1 { sites[.infratentorial, default: []].append(index) }
      } else if wall < 0.5 + 1.2 * voxel {
        sites[.periventricular, default: []].append(index)
      } else if wall > 6, pia < 3 + voxel {
        sites[.juxtacortical, default: []].append(index)
      } else if wall > 5, pia > 5 {
        sites[.deepWhite, default: []].append(index)
      }
    }
    return sites
  }
}

/// The form one lesion strives for: an irregular ellipsoid, at the ventricles upright on their wall.
struct LesionShape {
  private let kind: LesionPlace
  private let centre: SIMD3<Float>
  private let axes: (SIMD3<Float>, SIMD3<Float>, SIMD3<Float>)
  private let radii: SIMD3<Float>
  private let roughness: Noise
  private let irregularity: Float
  private let confluent: Bool

  init(
    _ kind: LesionPlace, size: Int, at start: Int, in head: Head, seed: UInt64, _ chance: inout Chance,
    _ rules: LesionRules
  ) {
    self.kind = kind
    irregularity = rules.irregularity
    confluent = size > 600
    let long = chance.draw(LesionTable.lengthRatio, at: LesionTable.shapeSteps)
    let flat = chance.draw(LesionTable.flatness, at: LesionTable.shapeSteps)
    // Semi-axes of an ellipsoid of this many voxels, in mm: 4/3 pi r^3 = size.
    let ball = cubeRoot(Float(size) * 0.238_732) * head.grid.spacing
    let middle = ball / cubeRoot(long / flat)
    radii = SIMD3(middle * long, middle, middle / flat)
    let random = chance.direction()
    let lean: SIMD3<Float>
    switch kind {
    case .periventricular: lean = head.slope(of: head.ventricle, at: start) * 2 + random * 0.6
    case .juxtacortical:
      let inwards = head.slope(of: head.pia, at: start)
      lean = random - inwards * (random * inwards).sum() * 0.9
    case .infratentorial, .deepWhite: lean = random
    }
    let first = lean / max(lean.length, 1e-3)
    var second = chance.direction()
    second -= first * (first * second).sum()
    second /= max(second.length, 1e-3)
    let third = SIMD3(
      first.y * second.z - first.z * second.y, first.z * second.x - first.x * second.z,
      first.x * second.y - first.y * second.x)
    axes = (first, second, third)
    let offset: Float = kind == .periventricular ? 0.75 : 0
    centre = head.grid.world(start) + first * (radii.x * offset)
    roughness = Noise(seed: seed, 99, wavelength: rules.irregularityWavelength * max(ball, head.grid.spacing))
  }

  func mayLie(at index: Int, in head: Head) -> Bool {
    guard head.brain[index] == 1, head.grid.isInner(head.grid.place(index)) else { return false }
    let least: Float = kind == .juxtacortical ? 0.3 : 0.55
    return head.white(index) >= least
  }

  func cost(_ index: Int, in head: Head) -> Float {
    let place = head.grid.world(index)
    let from = place - centre
    let local = SIMD3((from * axes.0).sum(), (from * axes.1).sum(), (from * axes.2).sum()) / radii
    let ragged = local.length + irregularity * roughness(place)
    return confluent ? 0.55 * ragged + 0.09 * max(head.ventricle[index], 0) : ragged
  }
}

extension Head {
  /// Share of white matter in a voxel.
  func white(_ index: Int) -> Float { 1 - fluid[index] - cortex[index] - nuclei[index] }

  /// Direction in which a field rises at an inner voxel, of length 1 (0 where it is flat).
  func slope(of field: [Float], at index: Int) -> SIMD3<Float> {
    let (y, z) = (grid.size.x, grid.size.x * grid.size.y)
    let rise = SIMD3(
      field[index + 1] - field[index - 1], field[index + y] - field[index - y], field[index + z] - field[index - z])
    return rise / max(rise.length, 1e-6)
  }
}

/// Cube root of a positive number by Newton's method: the same on every machine.
func cubeRoot(_ value: Float) -> Float {
  guard value > 0 else { return 0 }
  var root = max(value, 1).squareRoot()
  for _ in 0..<24 { root = (2 * root + value / (root * root)) / 3 }
  return root
}
