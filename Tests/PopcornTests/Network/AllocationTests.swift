import Testing

@testable import Engine
@testable import Popcorn

/// Memory that a step gives back is the next one's: after the first two nothing is asked of the system.
@Suite struct AllocationTests {
  private let size = PatchSize(edge: 16)

  private func patch(_ seed: UInt64) -> [Float] {
    var random = Random(seed: seed)
    return (0..<size.count).map { _ in random.normal() }
  }

  private func step(_ network: UNet<CPU>, _ adam: inout Adam, number: UInt64) throws {
    network.parameters.clearGradients()
    let passes = try (0..<2).map {
      try network.forward(patch(number + $0), size: size, dropout: Random(seed: number + $0))
    }
    for pass in passes {
      try network.backward(
        pass, probabilityGradient: pass.probabilities, latentGradient: pass.latent)
    }
    adam.step(network.parameters, rate: 1e-4)
    network.parametersChanged()
  }

  @Test(arguments: [ConvolutionChoice.fastest, .direct, .always(.winograd)])
  func aStepAllocatesNothing(_ choice: ConvolutionChoice) throws {
    let network = try UNet(on: CPU(convolutions: choice), shape: UNetShape(width: 8), seed: 1)
    var adam = Adam(count: network.parameters.count)
    for number in 0..<2 { try step(network, &adam, number: UInt64(number)) }
    let before = network.device.memory.allocations
    #expect(before > 0)
    for number in 2..<6 { try step(network, &adam, number: UInt64(number)) }
    #expect(network.device.memory.allocations == before)
  }

  /// Of an epoch's end: patches are segmented between steps.
  @Test func segmentingBetweenStepsAllocatesNothingAfterTheFirstTime() throws {
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 1)
    var adam = Adam(count: network.parameters.count)
    func epoch(_ number: UInt64) throws {
      for index in 0..<2 { try step(network, &adam, number: 10 * number + UInt64(index)) }
      _ = try network.infer(patch(number), size: size)
      _ = try network.embed(patch(number), size: size)
    }
    for number in 0..<2 { try epoch(UInt64(number)) }
    let before = network.device.memory.allocations
    for number in 2..<4 { try epoch(UInt64(number)) }
    #expect(network.device.memory.allocations == before)
  }

  /// Blocks that are taken and given back in any order never share a float, and leave one gap behind.
  @Test func blocksNeverOverlap() throws {
    var random = Random(seed: 1)
    let memory = Memory()
    var held: [(block: Memory.Block, count: Int, mark: Float)] = []
    for number in 0..<2000 {
      if held.count > 40 || (!held.isEmpty && random.uniform() < 0.45) {
        let (block, count, mark) = held.remove(at: random.int(below: held.count))
        #expect(block.start[0] == mark && block.start[count - 1] == mark)
      } else {
        let count = 1 + random.int(below: random.uniform() < 0.2 ? 2_000_000 : 5000)
        let block = try memory.block(count)
        (block.start[0], block.start[count - 1]) = (Float(number), Float(number))
        held.append((block, count, Float(number)))
      }
    }
    let chunks = memory.allocations
    held = []
    #expect(chunks >= 1 && chunks <= 2)
    // All of a chunk is one gap again.
    let whole = try (0..<chunks).map { _ in try memory.block(512 << 18) }
    #expect(whole.count == chunks && memory.allocations == chunks)
  }

  @Test func aBlockLargerThanAChunkIsItsOwn() throws {
    let memory = Memory()
    let large = try memory.block(200 << 20)
    large.start[(200 << 20) - 1] = 1
    #expect(memory.allocations == 1 && large.start[(200 << 20) - 1] == 1)
  }

  @Test func whatIsReleasedIsUsedAgain() throws {
    let network = try UNet(on: CPU(), shape: UNetShape(width: 8), seed: 1)
    let first = try network.infer(patch(1), size: size).lesion
    network.device.releaseMemory()
    #expect(try network.infer(patch(1), size: size).lesion == first)
  }
}
