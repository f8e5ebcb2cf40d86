namespace Functional.Contract

open System

/// One thing that a provider looked for: a library, a driver, a device.
type Probe =
    {
        /// What was looked for, as in "libopenblas.so.0".
        Sought: string
        IsUsable: bool
        /// Version and what else is worth knowing where it was found; where not, why not.
        Details: string
    }

    static member Found(sought, details) = { Sought = sought; IsUsable = true; Details = details }
    static member Missing(sought, reason) = { Sought = sought; IsUsable = false; Details = reason }

/// Finds the devices of one kind and makes their backends. Making a provider does nothing: it looks around when first asked,
/// and a library or driver that is missing, old or broken is told in `Probes`, never raised.
[<AllowNullLiteral>]
type IBackendProvider =
    /// By what name users ask for its backends: "mkl", "cuda", "opencl".
    abstract Kind: string

    /// Everything that was looked for, in order.
    abstract Probes: Probe[]

    /// How many backends can be opened: 0 where what is needed is missing.
    abstract DeviceCount: int

    /// The backend of a device, 0 <= index < DeviceCount; called once for each. `host` is the backend of the processor's own
    /// memory, for a backend that adds to it (`ForwardingBackend`) or works through it.
    abstract Open: index: int * host: IBackend -> IBackend

/// Names a provider, a public class with a public constructor without parameters, in an assembly that brings backends along.
[<Sealed; AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)>]
type BackendProviderAttribute(provider: Type) =
    inherit Attribute()
    member _.Provider = provider

/// A buffer in memory that the processor sees. In C#: fixed (byte* p = memory), then GC.KeepAlive(buffer).
[<AllowNullLiteral>]
type IHostMemory =
    /// The first byte. Raises ArgumentValueException where the memory was released.
    abstract GetPinnableReference: unit -> byref<byte>

/// A backend whose work a number of threads of this process share.
[<AllowNullLiteral>]
type IThreaded =
    /// How many take part in one operation. Setting it raises ArgumentValueException for numbers that are not positive.
    abstract Threads: int with get, set
