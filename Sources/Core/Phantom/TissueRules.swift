/// How the tissues of one subject are shaped and toned.
struct TissueRules: Sendable {
  private let halfWidth, thickness, sulcusDepth, rim: Float
  private let depthNoise, whiteNoise, greyNoise: Noise
  private let texture: Float
  private let ranges: AnatomyRanges

  /// `texture` is how strong the tissue's own texture is, 1 being as `ranges` say.
  init(seed: UInt64, texture: Float, ranges: AnatomyRanges) {
    var chance = Chance(seed: seed, 2)
    halfWidth = chance.uniform(ranges.sulcusHalfWidth)
    thickness = chance.uniform(ranges.cortexThickness)
    sulcusDepth = chance.uniform(ranges.sulcusDepth)
    rim = chance.uniform(ranges.brightRim)
    depthNoise = Noise(seed: seed, 20, wavelength: 40)
    whiteNoise = Noise(seed: seed, 21, wavelength: 24)
    greyNoise = Noise(seed: seed, 22, wavelength: 11)
    (self.texture, self.ranges) = (texture, ranges)
  }

  /// Depth of a voxel below the pial surface, and how thick the cortex is there, both mm; a brain stem has none.
  func surface(at index: Int, in region: BrainRegion, _ survey: HeadSurvey) -> (depth: Float, thickness: Float) {
    switch region {
    case .cerebrum: (cerebrum(at: index, survey), thickness)
    case .cerebellum: (cerebellum(at: index, survey), 3.1)
    case .stem: (survey.depths[index].stem, 0)
    }
  }

  private func cerebellum(at index: Int, _ survey: HeadSurvey) -> Float {
    let hull = survey.depths[index]
    let depth = min(hull.cerebellum, 14)
    let reach = 6.5 + 2 * depthNoise(survey.common[index])
    let beyond = max(depth - reach, 0)
    let sheet = survey.sheetDistance(survey.folia, index)
    return min(hull.cerebellum, SIMD3(sheet, beyond, 0).length - halfWidth * 0.5)
  }

  private func cerebrum(at index: Int, _ survey: HeadSurvey) -> Float {
    let (q, hull, depth) = (survey.common[index], survey.depths[index], survey.hemisphere[index])
    // Shallower and rarer where hemispheres face each other.
    let facing = hull.cerebrum > depth + 4
    let reach = (sulcusDepth + ranges.sulcusDepthSpread * depthNoise(q)) * (facing ? 0.5 : 1)
    let width = halfWidth * (1.7 - 1.4 * min(max(depth / max(reach, 1), 0), 1)) * (1 + 0.3 * greyNoise(q))
    let sulcus = SIMD3(survey.sheetDistance(survey.folds, index), max(depth - reach, 0), 0).length - width
    let branch =
      SIMD3(
        survey.sheetDistance(survey.branches, index), max(depth - (facing ? 2 : ranges.branchDepth), 0), 0
      ).length - 0.4 * width
    let hulls = min(hull.cerebrum, survey.anatomy.midline(q) - halfWidth * 0.8)
    return min(min(hulls, min(sulcus, branch)), survey.anatomy.lateralFissures(q, halfWidth: halfWidth))
  }

  /// The signal of grey matter at a place, about 1: brighter limbic cortex and insula.
  func grey(at q: SIMD3<Float>, in region: BrainRegion) -> Float {
    let limbic =
      region == .cerebrum ? 0.07 * (1 - smoothStep(6, 16, abs(q.x))) * smoothStep(-40, 20, q.y) : 0
    let insula = 0.06 * (1 - smoothStep(2, 8, abs(abs(q.x) - 38))) * (1 - smoothStep(18, 28, abs(q.y)))
    return 1 + texture * ranges.greyTexture * greyNoise(q) + limbic + insula
  }

  /// The signal of white matter at a place `wall` mm from the ventricles, about 1: brighter at the back, along the
  /// ventricles and in the stem.
  func white(at q: SIMD3<Float>, in region: BrainRegion, wall: Float, voxel: Float) -> Float {
    let posterior = 0.05 * smoothStep(20, 60, -q.y)
    let lining = rim * (1 - smoothStep(0.4, 3.2, max(wall, 0))) * (wall > -voxel ? 1 : 0)
    return 1 + texture * ranges.whiteTexture * whiteNoise(q) + posterior + lining + (region == .stem ? 0.03 : 0)
  }
}
