import Engine

/// Sees every optimizer step as it is taken: what a judge needs to take the same ones with another implementation.
public protocol StepRecorder: AnyObject {
  /// Told of the weights before the first step.
  func begins(_ parameters: ParameterBlock) throws

  /// Told after each step.
  func took(_ step: TakenStep) throws

  /// Told at the end of training of the step whose weights the cycle ends with.
  func ended(with step: Int) throws
}

/// One optimizer step: what was learned from, and what it cost.
public struct TakenStep {
  /// One patch of its pair.
  public struct Patch {
    /// The case that it is of.
    public var caseID: String
    /// Intensities, (D, H, W).
    public var image: [Float]
    /// (D, H, W), 0, 1 or `unknownVoxel`; empty without a label.
    public var truth: [UInt8]
    /// What its dropout was drawn from.
    public var dropout: Random
  }

  /// From 1: every step taken, also those that were gone back from.
  public var number: Int
  /// The step whose weights and Adam state it began with: the one before, or an earlier one that was gone back to; 0 is
  /// before the first.
  public var after: Int
  /// Edge of a patch, voxels.
  public var edge: Int
  /// What the network was shown: a pair, or a labelled patch before what stands beside it.
  public var patches: [Patch]
  /// Adam's rate.
  public var rate: Double
  /// Equations (1) to (5), before the step.
  public var loss: PairLoss
  /// Σ of the lesion channel, voxels, of each labelled patch.
  public var predicted: [Double]
}
