/// Bright spots that are not MS: caps at the horns and halos along the ventricles (ageing), a cortical wedge (an old
/// infarct), many tiny spots (perivascular).
enum Mimic: String, CaseIterable, Sendable {
  case caps, wedge, spots
}

extension Head {
  /// Signal that the mimics add, for each voxel.
  func signal(of mimics: [Mimic], seed: UInt64, rules: MimicRules = PhantomParameters.frozen.mimics) -> [Float] {
    var signal = [Float](repeating: 0, count: grid.count)
    for (number, mimic) in mimics.enumerated() {
      var chance = Chance(seed: seed, 5, UInt64(number))
      switch mimic {
      case .caps: addCaps(to: &signal, &chance, seed: seed, rules)
      case .wedge: addWedge(to: &signal, &chance, seed: seed, rules)
      case .spots: addSpots(to: &signal, &chance, rules)
      }
    }
    return signal
  }

  private func addCaps(to signal: inout [Float], _ chance: inout Chance, seed: UInt64, _ rules: MimicRules) {
    let (reach, bright) = (chance.uniform(rules.capReach), chance.uniform(rules.capContrast))
    let ragged = Noise(seed: seed, 50, wavelength: 14)
    for index in 0..<grid.count where brain[index] == 1 && !below[index] {
      let wall = ventricle[index]
      guard wall > -grid.spacing, wall < 2 * reach else { continue }
      let place = grid.world(index)
      // Wide at the tips of the frontal and occipital horns, a thin halo in between.
      let tip = max(smoothStep(18, 30, place.y), smoothStep(36, 54, -place.y))
      let width = max(reach * tip * (1 + 0.25 * ragged(place)), rules.rimHalo)
      signal[index] += bright * (0.55 + 0.45 * tip) * (1 - smoothStep(0, width, max(wall, 0))) * white(index)
    }
  }

  private func addWedge(to signal: inout [Float], _ chance: inout Chance, seed: UInt64, _ rules: MimicRules) {
    let sites = (0..<grid.count).filter { brain[$0] == 1 && !below[$0] && cortex[$0] > 0.6 && ventricle[$0] > 15 }
    guard !sites.isEmpty else { return }
    let tip = grid.world(sites[chance.index(below: sites.count)])
    let (radius, bright) = (chance.uniform(rules.wedgeRadius), chance.uniform(rules.wedgeContrast))
    let ragged = Noise(seed: seed, 51, wavelength: 9)
    for index in 0..<grid.count where brain[index] == 1 && !below[index] {
      let place = grid.world(index)
      let distance = (place - tip).length
      guard distance < 1.5 * radius else { continue }
      let share = 1 - smoothStep(0.75, 1.05, distance / radius + 0.14 * ragged(place))
      signal[index] += bright * share * (1 - fluid[index])
    }
  }

  private func addSpots(to signal: inout [Float], _ chance: inout Chance, _ rules: MimicRules) {
    let sites = (0..<grid.count).filter { brain[$0] == 1 && white($0) + nuclei[$0] > 0.9 && ventricle[$0] > 4 }
    guard !sites.isEmpty else { return }
    for _ in 0..<Int(chance.uniform(rules.spots)) {
      let centre = grid.place(sites[chance.index(below: sites.count)])
      let (radius, bright) = (chance.uniform(rules.spotRadius), chance.uniform(rules.spotContrast))
      let box = Int(radius) + 1
      for z in centre.z - box...centre.z + box {
        for y in centre.y - box...centre.y + box {
          for x in centre.x - box...centre.x + box {
            let place = SIMD3(x, y, z)
            guard grid.isInner(place) else { continue }
            let distance = SIMD3<Float>(place &- centre).length
            let index = grid.index(x, y, z)
            signal[index] += bright * (1 - smoothStep(0, radius + 0.5, distance)) * (1 - fluid[index])
          }
        }
      }
    }
  }
}
