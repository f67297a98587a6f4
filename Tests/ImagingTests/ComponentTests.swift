import Testing

@testable import Imaging

@Suite struct ComponentTests {
  @Test func componentsAreSciPys() throws {
    for fixture in try Fixtures.read("components", as: [Fixtures.Mask].self) {
      let mask = Volume(size: GridSize(fixture.size), values: Array(fixture.mask))
      for answer in fixture.answers {
        let connectivity = try #require(Components.Connectivity(rawValue: answer.connectivity))
        let (labels, count) = Components.label(mask, connectivity: connectivity)
        #expect(count == answer.count)
        #expect(Components.sizes(of: labels, count: count).sorted() == answer.sizes)
        #expect(zip(labels.values, mask.values).allSatisfy { ($0 > 0) == ($1 > 0) })
      }
    }
  }

  @Test func numbersFollowTheFirstVoxel() {
    var mask = Volume<UInt8>(size: GridSize(5, 1, 1), repeating: 1)
    mask[1, 0, 0] = 0
    #expect(Components.label(mask, connectivity: .faces).labels.values == [1, 0, 2, 2, 2])
  }

  @Test func lesionsAreMeasured() {
    var mask = Volume<UInt8>(size: GridSize(6, 6, 6), repeating: 0)
    mask[0, 0, 0] = 1
    mask[1, 1, 1] = 1
    mask[4, 4, 4] = 1
    let figures = LesionFigures(of: mask, voxelVolume: 500)
    #expect(figures.count == 2)
    #expect(figures.voxels == 3)
    #expect(figures.ml == 1.5)
    #expect(figures.largestMl == 1)
    #expect(LesionFigures(of: mask.map { _ in 0 }, voxelVolume: 1).count == 0)
  }
}
