namespace Functional.Contract

/// Every error that the library raises on purpose. The message begins with PyTorch's wording where it has one.
type FunctionalException(message: string) =
    inherit System.Exception(message)

/// Shapes that do not fit an operation.
type ShapeException(message: string) =
    inherit FunctionalException(message)

/// A dtype that an operation does not take, or dtypes that do not go together.
type DtypeException(message: string) =
    inherit FunctionalException(message)

/// Tensors on different devices, or a device that is not there.
type DeviceException(message: string) =
    inherit FunctionalException(message)

/// A dimension or an index out of range.
type IndexException(message: string) =
    inherit FunctionalException(message)

/// An argument whose value (not its shape or dtype) is not allowed.
type ArgumentValueException(message: string) =
    inherit FunctionalException(message)

/// A matrix for which a computation has no answer: singular, not positive-definite, or an iteration that does not converge.
type LinAlgException(message: string) =
    inherit FunctionalException(message)

/// A tensor whose memory was given away, or that can no longer be computed because of it.
type DonationException(message: string) =
    inherit FunctionalException(message)

/// A file that is damaged, hostile or of another format.
type FileFormatException(message: string) =
    inherit FunctionalException(message)

/// A derivative that does not exist, a level that escaped its transform, a graph that is gone.
type DifferentiationException(message: string) =
    inherit FunctionalException(message)

/// What a backend lacks: names the operation and the backend.
type UnsupportedException(operation: string, backend: string, reason: string) =
    inherit FunctionalException($"{operation} is not available on the {backend} backend: {reason}")

    member _.Operation = operation
    member _.Backend = backend
