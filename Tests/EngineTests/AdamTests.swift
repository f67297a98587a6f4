import Testing

@testable import Engine

extension EngineTests {
  @Suite struct AdamTests {
    private func block(_ values: [Float]) -> ParameterBlock {
      let block = ParameterBlock([("a", [values.count])])
      block.values = values
      return block
    }

    /// Parameters that are drawn anew begin anew, the others go on as they would have.
    @Test func aPartBeginsAnew() {
      let (whole, part) = (block(samples(30, seed: 1)), block(samples(30, seed: 1)))
      var (one, other) = (Adam(count: 30), Adam(count: 30))
      for block in [whole, part] { block.gradients = samples(30, seed: 2) }
      one.step(whole, rate: 1e-2)
      other.step(part, rate: 1e-2)
      other.forget(20..<40)
      #expect(other.firstMoment[20...].allSatisfy { $0 == 0 } && other.secondMoment[20...].allSatisfy { $0 == 0 })
      one.step(whole, rate: 1e-2)
      other.step(part, rate: 1e-2)
      #expect(whole.values[..<20] == part.values[..<20] && whole.values[20...] != part.values[20...])
    }

    /// Against the formula in Double, on enough values that the team shares them.
    @Test func stepsAreTheFormulas() {
      let count = 20_001
      let block = block(samples(count, seed: 1))
      var adam = Adam(count: count)
      var value = block.values.map { Double($0) }
      var first = Array(repeating: 0.0, count: count)
      var second = first
      for step in 1...5 {
        let gradients = samples(count, seed: UInt64(step + 1), scale: step == 3 ? 1e-6 : 1)
        block.gradients = gradients
        adam.step(block, rate: 1e-2)
        let firstLeft = 1 - (1...step).reduce(1) { product, _ in product * 0.9 }
        let secondLeft = 1 - (1...step).reduce(1) { product, _ in product * 0.999 }
        for n in 0..<count {
          let g = Double(gradients[n])
          first[n] = 0.9 * first[n] + 0.1 * g
          second[n] = 0.999 * second[n] + 0.001 * g * g
          value[n] -= 1e-2 * (first[n] / firstLeft) / ((second[n] / secondLeft).squareRoot() + 1e-7)
        }
      }
      #expect(zip(block.values, value).allSatisfy { abs(Double($0) - $1) < 1e-5 })
    }

    /// From zero, where a value's own rounding hides nothing: 1 - 0.999 taken in single precision makes every step
    /// longer by 6e-6 of it.
    @Test func stepsHaveTheirLengthToRounding() {
      let count = 1000
      let block = block(Array(repeating: 0, count: count))
      var adam = Adam(count: count)
      block.gradients = samples(count, seed: 1).map { $0 < 0 ? $0 - 0.1 : $0 + 0.1 }
      for step in 1...10 {
        adam.step(block, rate: 1e-2)
        // Under a constant gradient both means are the gradient's own, so that every step is rate g / (|g| + ε).
        let expected = block.gradients.map { g in
          Double(step) * 1e-2 * Double(g) / (abs(Double(g)) + 1e-7)
        }
        let largest = zip(block.values, expected).map { abs(Double($0) + $1) }.max() ?? .infinity
        #expect(largest < 1e-6 * 1e-2 * Double(step))
      }
    }

    @Test func aResumedRunIsTheSame() throws {
      let whole = block(samples(100, seed: 1))
      let resumed = block(samples(100, seed: 1))
      var one = Adam(count: 100)
      var two = Adam(count: 100)
      for step in 1...6 {
        if step == 4 { two = try Adam(try Safetensors.decode(two.safetensors()), count: 100) }
        for block in [whole, resumed] { block.gradients = samples(100, seed: UInt64(step) + 1) }
        one.step(whole, rate: 1e-3)
        two.step(resumed, rate: 1e-3)
      }
      #expect(whole.values == resumed.values)
      #expect(two.steps == 6)
    }

    @Test func stateOfAnotherBlockIsRefused() throws {
      let file = try Safetensors.decode(Adam(count: 100).safetensors())
      #expect(throws: SafetensorsError.self) { try Adam(file, count: 99) }
      let negative = Safetensors([
        .init(name: "first", shape: [1], values: .float32([0])),
        .init(name: "second", shape: [1], values: .float32([0])),
        .init(name: "steps", shape: [1], values: .float64([-1])),
      ])
      #expect(throws: SafetensorsError.self) { try Adam(negative, count: 1) }
    }
  }
}
