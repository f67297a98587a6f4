/// Why a file, case or model is not simply taken. The raw value is the stable identifier in receipts, journal and metrics.
public enum ReasonCode: String, Codable, Sendable, CaseIterable {
  // Arrival
  case incomplete = "INCOMPLETE"
  case truncated = "TRUNCATED"
  case emptyFile = "EMPTY_FILE"
  case vanished = "VANISHED"
  case changedWhileRead = "CHANGED_WHILE_READ"
  case noPermission = "NO_PERMISSION"
  case ioError = "IO_ERROR"
  case symlink = "SYMLINK"
  case annexNotFetched = "ANNEX_NOT_FETCHED"
  case pointerFile = "POINTER_FILE"
  case notRegular = "NOT_REGULAR"
  case outOfPlace = "OUT_OF_PLACE"
  case pathEscape = "PATH_ESCAPE"
  case ownOutput = "OWN_OUTPUT"
  case inboxGone = "INBOX_GONE"
  case inotifyOverflow = "INOTIFY_OVERFLOW"
  case watchLimit = "WATCH_LIMIT"
  case loop = "LOOP"
  // Container and compression
  case gzipTruncated = "GZIP_TRUNCATED"
  case gzipCRC = "GZIP_CRC"
  case bomb = "BOMB"
  case archive = "ARCHIVE"
  case formatUnsupported = "FORMAT_UNSUPPORTED"
  case dicom = "DICOM"
  case analyzeNoOrientation = "ANALYZE_NO_ORIENTATION"
  case pairHalf = "PAIR_HALF"
  case badMagic = "BAD_MAGIC"
  case notNifti = "NOT_NIFTI"
  case wrongIntent = "WRONG_INTENT"
  // Header and geometry
  case badDim = "BAD_DIM"
  case tooLarge = "TOO_LARGE"
  case is4D = "IS_4D"
  case tooFewSlices = "TOO_FEW_SLICES"
  case badVoxelSize = "BAD_VOXEL_SIZE"
  case orientationUnknown = "ORIENTATION_UNKNOWN"
  case badOrigin = "BAD_ORIGIN"
  case fieldOfView = "FOV"
  case badOffset = "BAD_OFFSET"
  case personalData = "PERSONAL_DATA"
  // Voxels
  case colourImage = "COLOUR_IMAGE"
  case datatype = "DATATYPE"
  case badBitpix = "BAD_BITPIX"
  case valueRange = "VALUE_RANGE"
  case nan = "NAN"
  case constant = "CONSTANT"
  case notFLAIR = "NOT_FLAIR"
  case noBrain = "NO_BRAIN"
  // Labels and pairing
  case waitingPair = "WAITING_PAIR"
  case pairAmbiguous = "PAIR_AMBIGUOUS"
  case pairTimeout = "PAIR_TIMEOUT"
  case labelShape = "LABEL_SHAPE"
  case labelGeometry = "LABEL_GEOMETRY"
  case labelSoft = "LABEL_SOFT"
  case labelMulticlass = "LABEL_MULTICLASS"
  case labelLooksLikeImage = "LABEL_LOOKS_LIKE_IMAGE"
  case swapped = "SWAPPED"
  case labelEmpty = "LABEL_EMPTY"
  case labelTooLarge = "LABEL_TOO_LARGE"
  case labelDisagrees = "LABEL_DISAGREES"
  case unedited = "UNEDITED"
  // Identity
  case duplicate = "DUPLICATE"
  case sameVoxelsOtherGeometry = "SAME_VOXELS_OTHER_GEOMETRY"
  case withdrawn = "WITHDRAWN"
  // Work
  case workerCrashed = "WORKER_CRASHED"
  case workerDeadline = "WORKER_DEADLINE"
  case memory = "MEMORY"
  case trainDiverged = "TRAIN_DIVERGED"
  case trainCollapsed = "TRAIN_COLLAPSED"
  case gateRefused = "GATE_REFUSED"
  case checkpointUnreadable = "CHECKPOINT_UNREADABLE"
  case modelDamaged = "MODEL_DAMAGED"
  case diskFull = "DISK_FULL"

  /// Whether what is held for this reason is taken as it is once a person wants it so. Where it depends on the file,
  /// `Verdict.isReleasable` says it.
  public var isReleasable: Bool {
    switch self {
    case .fieldOfView, .notFLAIR, .pairTimeout, .labelGeometry, .labelDisagrees, .unedited, .sameVoxelsOtherGeometry:
      true
    default: false
    }
  }
}
