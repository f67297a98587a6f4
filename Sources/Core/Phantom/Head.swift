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

extension Head {
  /// Draws the head of a subject.
  init(seed: UInt64, on grid: Grid, texture: Float, ranges: AnatomyRanges = PhantomParameters.frozen.anatomy) {
    self.init(emptyOn: grid)
    let survey = HeadSurvey(Anatomy(seed: seed, ranges: ranges), on: grid)
    let tissues = TissueRules(seed: seed, texture: texture, ranges: ranges)
    for index in survey.places { paint(index, survey, tissues) }
  }

  private init(emptyOn grid: Grid) {
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
  }

  /// Which tissue fills how much of a voxel, and what signal it has.
  private mutating func paint(_ index: Int, _ survey: HeadSurvey, _ tissues: TissueRules) {
    let (anatomy, voxel) = (survey.anatomy, grid.spacing)
    func share(_ depth: Float) -> Float { min(max(0.5 + depth / voxel, 0), 1) }
    let q = survey.common[index]
    let region = survey.region(of: index)
    below[index] = region != .cerebrum
    let (surface, thick) = tissues.surface(at: index, in: region, survey)
    let wall = anatomy.ventricles(q)
    let inside = anatomy.nuclei(q)
    let wet = max(1 - share(surface), 1 - share(wall))
    let ribbon = thick > 0 && wall > 2 ? (1 - share(surface - thick)) : 0
    let deep = below[index] ? 0 : share(inside.grey)
    // The outline follows the gyri, as that of a stripped head does.
    if wet < 0.75 || survey.depths[index].depth > 4 { brain[index] = 1 }
    fluid[index] = wet
    cortex[index] = (1 - wet) * ribbon
    nuclei[index] = (1 - wet) * (1 - ribbon) * deep
    ventricle[index] = wall
    pia[index] = surface

    let tissue = max(1 - wet, 1e-6)
    let greyShare = (cortex[index] + nuclei[index]) / tissue
    let pallid = -0.17 * share(inside.pallidum) * deep
    let white = tissues.white(at: q, in: region, wall: wall, voxel: voxel)
    tone[index] = mix(white, tissues.grey(at: q, in: region), greyShare) + pallid
    if anatomy.plexus(q) < 0, wall < 0 {
      fluid[index] = 0.35
      cortex[index] = 0.65
    }
  }
}
