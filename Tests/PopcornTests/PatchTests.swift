import Engine
import Imaging
import Popcorn
import Testing

@Suite struct PatchTests {
  private func covers(_ grid: TileGrid, _ extent: [Range<Int>]) -> Bool {
    (0..<3).allSatisfy { axis in
      let covered = grid.starts[axis].reduce(into: Set<Int>()) { $0.formUnion($1..<$1 + grid.edge) }
      return extent[axis].allSatisfy(covered.contains)
    }
  }

  @Test func thePapersGridReachesBothEndsWithFiveTilesAnAxis() {
    let grid = TileGrid(size: [181, 217, 181], edge: 64)
    #expect(grid.starts.map(\.count) == [5, 5, 5])
    #expect(grid.starts.map(\.first) == [0, 0, 0] && grid.starts.map(\.last) == [117, 153, 117])
    #expect(grid.tiles.count == 125 && grid.tiles[1].origin == [0, 0, 29])
    #expect(grid.tiles.enumerated().allSatisfy { $0.offset == $0.element.index })
  }

  @Test func everyVoxelIsCoveredWithFortyPercentOverlapAtAnySize() {
    for length in 1...300 {
      for edge in [8, 16, 32, 64] {
        let grid = TileGrid(size: [length, length, length], edge: edge)
        let starts = grid.starts[0]
        #expect(covers(grid, Array(repeating: 0..<length, count: 3)))
        #expect(Set(starts).count == starts.count)
        #expect(length <= edge || starts.count >= min(5, length - edge + 1))
        // A start is rounded to a whole voxel.
        #expect(zip(starts.dropFirst(), starts).allSatisfy { Double($0 - $1) <= 0.6 * Double(edge) + 1 })
        #expect(starts.allSatisfy { length < edge || ($0 >= 0 && $0 + edge <= length) })
      }
    }
  }

  @Test func theFittedGridCoversTheBrainAndIsNoSparser() {
    let size = [60, 72, 20]
    let whole = TileGrid(size: size, edge: 16)
    for low in stride(from: 0, to: 50, by: 7) {
      for length in [1, 9, 16, 33] where low + length <= 60 {
        let box = [low..<low + length, low..<low + length, 3..<12]
        let fitted = TileGrid(fitting: box, within: whole, size: size)
        #expect(covers(fitted, box))
        #expect(fitted.tiles.count <= whole.tiles.count)
        #expect(
          fitted.starts.indices.allSatisfy { axis in
            fitted.starts[axis].allSatisfy { $0 >= 0 && $0 + 16 <= size[axis] }
          })
      }
    }
  }

  @Test func aPatchIsCutWithXFastestAndFilledOutside() {
    let size = GridSize(4, 3, 2)
    let volume = Volume(size: size, values: (0..<24).map { Float($0) })
    let patch = volume.patch(at: [2, 1, 0], edge: 3, outside: -1)
    #expect(patch.count == 27)
    for z in 0..<3 {
      for y in 0..<3 {
        for x in 0..<3 {
          let inside = x + 2 < 4 && y + 1 < 3 && z < 2
          #expect(patch[x + 3 * (y + 3 * z)] == (inside ? volume[x + 2, y + 1, z] : -1))
        }
      }
    }
    #expect(volume.patch(at: [-9, 0, 0], edge: 3, outside: -1).allSatisfy { $0 == -1 })
    #expect(volume.patch(at: [-1, -1, -1], edge: 2, outside: -1).last == volume[0, 0, 0])
  }

  private func mask(_ size: GridSize, lesion: [Range<Int>]) -> Volume<UInt8> {
    var mask = Volume(size: size, values: [UInt8](repeating: 0, count: size.count))
    for z in lesion[2] { for y in lesion[1] { for x in lesion[0] { mask[x, y, z] = 1 } } }
    return mask
  }

  @Test func lesionLoadsAreCountedAsByHand() {
    let mask = mask(GridSize(40, 36, 30), lesion: [3..<9, 10..<25, 5..<7])
    let grid = TileGrid(size: [40, 36, 30], edge: 16)
    let load = voxels(of: mask, in: grid)
    for tile in grid.tiles {
      #expect(load[tile.index] == mask.patch(at: tile.origin, edge: 16, outside: 0).reduce(0) { $0 + Int($1) })
    }
  }

  @Test func onlyPatchesWithEnoughLesionAreTakenElseOneWithAnyElseNone() {
    let (size, grid) = (GridSize(40, 36, 30), TileGrid(size: [40, 36, 30], edge: 16))
    let large = mask(size, lesion: [3..<12, 10..<20, 5..<12])
    let load = voxels(of: large, in: grid)
    for seed in 0..<20 {
      var random = Random(seed: UInt64(seed))
      let (many, rich) = choosePatches(of: large, on: grid, limit: 15, minimum: 100, random: &random)
      #expect(Set(rich.map(\.index)) == Set(load.indices.filter { load[$0] > 100 }) && rich.starts(with: many))
      #expect(many.count == min(15, load.count { $0 > 100 }) && many.allSatisfy { load[$0.index] > 100 })
      #expect(Set(many).count == many.count)
      let small = mask(size, lesion: [3..<5, 10..<12, 5..<7])
      let (one, _) = choosePatches(of: small, on: grid, limit: 15, minimum: 100, random: &random)
      #expect(one.count == 1 && voxels(of: small, in: grid)[one[0].index] > 0)
      let (none, _) = choosePatches(
        of: mask(size, lesion: [0..<0, 0..<0, 0..<0]), on: grid, limit: 15, minimum: 100, random: &random)
      #expect(none.isEmpty)
    }
  }

  @Test func theFortyOrientationsAreRotationsAndFlipsOfTheCube() {
    let edge = 3
    let patch = Array(0..<27)
    for rotation in 0..<10 {
      for flip in 0..<4 {
        let turned = Orientation(rotation: rotation, flip: flip).apply(to: patch, edge: edge)
        #expect(turned.sorted() == patch && turned[13] == 13)
        // Neighbours stay neighbours.
        for place in 0..<26 where (place + 1) % edge != 0 {
          let apart = (0..<3).map { axis -> Int in
            let stride = [1, 3, 9][axis]
            return abs(turned[place] / stride % 3 - turned[place + 1] / stride % 3)
          }
          #expect(apart.reduce(0, +) == 1)
        }
      }
    }
    func turn(_ rotation: Int, _ times: Int) -> [Int] {
      (0..<times).reduce(patch) { turned, _ in Orientation(rotation: rotation, flip: 0).apply(to: turned, edge: edge) }
    }
    for quarter in [1, 4, 7] {
      #expect(turn(quarter, 2) == turn(quarter + 1, 1) && turn(quarter, 3) == turn(quarter + 2, 1))
      #expect(turn(quarter, 4) == patch && turn(quarter, 1) != patch)
    }
    #expect(Orientation(rotation: 0, flip: 1).apply(to: patch, edge: edge).prefix(3) == [2, 1, 0])
  }
}

@Suite struct PairTests {
  private let places = (0..<60).map { number in
    PatchPlace(caseID: "case\(number % 6)", mask: number % 2, tile: Tile(index: number % 5, origin: [0, 0, 0]))
  }

  @Test func anEpochShowsEveryPatchOnceWithAPartnerOfItsRegion() {
    let pairs = PairSequence(places, sameRatio: 0.5, random: Random(seed: 3))
    let all = (0..<pairs.count).map { pairs[$0] }
    #expect(Set(all.map { $0.places[0] }).count == Set(places).count && pairs.count == places.count)
    for pair in all {
      let (first, second) = (pair.places[0], pair.places[1])
      #expect(first.tile.index == second.tile.index && (first == second || first.caseID != second.caseID))
      #expect(pair.dropout[0] != pair.dropout[1])
    }
    let same = all.count { $0.places[0] == $0.places[1] }
    #expect(15...45 ~= same)
    #expect(Set(all.map(\.orientation)).count > 15)
    #expect(all.contains { $0.qualities[0] != $0.qualities[1] })
  }

  @Test func aPairDependsOnItsNumberAlone() {
    let a = PairSequence(places, sameRatio: 0.5, random: Random(seed: 3))
    let b = PairSequence(places, sameRatio: 0.5, random: Random(seed: 3))
    for number in 0..<50 { _ = a[number] }
    #expect(a[50] == b[50])
    #expect(
      (0..<60).map { PairSequence(places, sameRatio: 0.5, random: Random(seed: 4))[$0] } != (0..<60).map { a[$0] })
  }

  @Test func withoutAnotherImageThePartnerIsTheSamePatch() {
    let lonely = (0..<5).map { PatchPlace(caseID: "a", mask: 0, tile: Tile(index: $0, origin: [0, 0, 0])) }
    let pairs = PairSequence(lonely, sameRatio: 0, random: Random(seed: 1))
    #expect((0..<5).allSatisfy { pairs[$0].places[0] == pairs[$0].places[1] })
    let shared = PairSequence(places, sameRatio: 0, random: Random(seed: 1))
    #expect((0..<60).allSatisfy { shared[$0].places[0].caseID != shared[$0].places[1].caseID })
  }

  /// An epoch is of what was chosen; what stands beside it may be any patch of the region of another image.
  @Test func aPartnerNeedNotHaveBeenChosen() {
    let chosen = Array(places.prefix(12))
    let pairs = PairSequence(chosen, partners: places, sameRatio: 0, random: Random(seed: 6))
    #expect(pairs.count == chosen.count)
    let all = (0..<chosen.count).map { pairs[$0] }
    #expect(Set(all.map { $0.places[0] }) == Set(chosen))
    #expect(all.allSatisfy { $0.places[1].caseID != $0.places[0].caseID && places.contains($0.places[1]) })
    #expect(all.allSatisfy { $0.places[1].tile.index == $0.places[0].tile.index })
    #expect(all.contains { !chosen.contains($0.places[1]) })
  }

  /// Beside a patch of the pool stands, half of the time, what would have stood beside it elsewhere: over some epochs as many
  /// different patches are seen as by others.
  @Test(arguments: [Companion.unlabelled, .unlabelledTwice(.flip), .unlabelledTwice(.elastic)])
  func besideThePoolTheLabelledPatchNeedNotHaveBeenChosen(_ companion: Companion) {
    let chosen = Array(places.prefix(12))
    let pool = (0..<5).map { PatchPlace(caseID: "u", mask: nil, tile: Tile(index: $0, origin: [0, 0, 0])) }
    var (labelled, own) = ([PatchPlace](), 0)
    for epoch in 0..<100 {
      let pairs = PairSequence(
        chosen, partners: places, companion: companion, unlabelled: pool, sameRatio: 0.5,
        random: Random(seed: UInt64(epoch)))
      #expect(pairs.count == chosen.count)
      for pair in (0..<pairs.count).map({ pairs[$0] }) {
        labelled.append(pair.places[0])
        own += chosen.contains(pair.places[0]) ? 1 : 0
        #expect(pair.places.dropFirst().allSatisfy { pool.contains($0) })
      }
    }
    #expect(labelled.allSatisfy { places.contains($0) } && Set(labelled).count > chosen.count)
    #expect(600...1000 ~= own, "\(own) of 1200")
  }

  /// Where nothing is asked of latents a patch never stands beside itself.
  @Test func anotherPatchIsOfTheSameRegionWhereOneIs() {
    let pairs = PairSequence(places, companion: .another, sameRatio: 0.5, random: Random(seed: 8))
    for pair in (0..<60).map({ pairs[$0] }) {
      #expect(pair.places[0].caseID != pair.places[1].caseID && pair.places[0].tile.index == pair.places[1].tile.index)
    }
    let lonely = (0..<12).map { PatchPlace(caseID: "a", mask: 0, tile: Tile(index: $0, origin: [0, 0, 0])) }
    let apart = PairSequence(lonely, companion: .another, sameRatio: 0.5, random: Random(seed: 8))
    // Drawn twice at most: the same once in a hundred and forty-four.
    let shown = (0..<12).map { apart[$0].places }
    #expect(shown.count { $0[0] == $0[1] } <= 2)
    #expect(Set(shown.map { $0[1] }).count > 4)
    let alone = PairSequence([lonely[0]], companion: .another, sameRatio: 0.5, random: Random(seed: 8))
    #expect(alone[0].places == [lonely[0], lonely[0]])
    // A strategy of the pool that has none.
    let poolless = PairSequence(places, companion: .unlabelled, sameRatio: 0.5, random: Random(seed: 8))
    #expect((0..<60).allSatisfy { poolless[$0] == pairs[$0] })
  }

  /// A box fits where both patches show one region, and says nothing where they are the same.
  @Test func boxesArePastedWithinARegionAlone() {
    let within = PairSequence(places, companion: .another, sameRatio: 0, pasteRatio: 1, random: Random(seed: 8))
    #expect((0..<60).allSatisfy { within[$0].paste != nil })
    let elsewhere = (0..<12).map { PatchPlace(caseID: "a", mask: 0, tile: Tile(index: $0, origin: [0, 0, 0])) }
    let apart = PairSequence(elsewhere, companion: .another, sameRatio: 0, pasteRatio: 1, random: Random(seed: 8))
    #expect((0..<12).allSatisfy { apart[$0].paste == nil })
    let same = PairSequence(places, sameRatio: 1, pasteRatio: 1, random: Random(seed: 8))
    #expect((0..<60).allSatisfy { same[$0].paste == nil })
  }

  @Test func qualitiesComeAsOftenAsTheyShould() {
    var random = Random(seed: 5)
    var (none, sharp, blurred, thick) = (0, 0, 0, 0)
    for _ in 0..<10_000 {
      switch ImageQuality(random: &random) {
      case .unchanged: none += 1
      case .sharpen(let sigma, let strength):
        sharp += 1
        #expect(0.5...1.75 ~= sigma && strength == 1)
      case .blur(let sigma):
        blurred += 1
        #expect(0.5...1.75 ~= sigma)
      case .thickSlices(let slices):
        thick += 1
        #expect(2...4 ~= slices)
      }
    }
    #expect(abs(none - 1500) < 150 && abs(sharp - 2500) < 200 && abs(blurred - 2000) < 200 && abs(thick - 4000) < 200)
  }

  @Test func contrastLeavesThePeakTheOrderAndTheOutside() throws {
    let patch: [Float] = [-0.2, 0, 0.25, 1, 1.5, 2]
    #expect(Gamma.unchanged.apply(to: patch) == patch)
    #expect(Gamma(exponent: 2).apply(to: patch) == [-0.2, 0, 0.0625, 1, 2.25, 4])
    var random = Random(seed: 5)
    let drawn = (0..<10_000).map { _ in Gamma(random: &random).exponent }
    let (least, most) = (try #require(drawn.min()), try #require(drawn.max()))
    #expect(0.6666...0.667 ~= least && 1.499...1.5001 ~= most && abs(drawn.count { $0 < 1 } - 5000) < 200)
    for exponent in drawn.prefix(100) {
      let seen = Gamma(exponent: exponent).apply(to: patch)
      #expect(seen.prefix(2) == patch.prefix(2) && seen[3] == 1 && seen == seen.sorted())
    }
  }

  /// Everything else of a pair is drawn as it is without.
  @Test func thePatchesOfAPairHaveContrastsOfTheirOwn() {
    func pairs(_ companion: Companion, variesContrast: Bool) -> PairSequence {
      PairSequence(
        places, companion: companion, unlabelled: places, sameRatio: 0.5, variesContrast: variesContrast,
        random: Random(seed: 8))
    }
    for companion in [Companion.sameRegion, .another, .unlabelledTwice(.elastic)] {
      let (plain, varied) = (pairs(companion, variesContrast: false), pairs(companion, variesContrast: true))
      for number in 0..<60 {
        var pair = varied[number]
        #expect(Set(pair.gammas.map(\.exponent)).count == pair.places.count)
        pair.gammas = plain[number].gammas
        #expect(pair == plain[number] && pair.gammas.allSatisfy { $0 == .unchanged })
      }
    }
  }
}
