/// A recipe of training.
public enum RecipeName: String, Sendable, CaseIterable {
  /// The paper's method, where it is silent as its authors' code does it.
  case paper
  /// Equation 3 to the letter.
  case paperLiteral = "paper-literal"
  /// What has earned its place beside the paper.
  case improved
}
