namespace Functional.Contract

/// What a device is, as far as it tells.
[<NoComparison>]
type DeviceProperties =
    {
        Name: string
        /// Bytes.
        TotalMemory: int64
        /// CUDA's compute capability, as in 9 and 0; zeros elsewhere.
        Major: int
        Minor: int
        /// Streaming multiprocessors or compute units.
        Processors: int
        /// Driver and libraries in use.
        Software: string
    }

/// Bytes of a device's memory. `Allocated` is what buffers hold, `Reserved` what the backend holds of the device for them.
[<Struct>]
type MemoryStatistics =
    {
        Allocated: int64
        PeakAllocated: int64
        Reserved: int64
        PeakReserved: int64
        /// Allocations so far.
        Allocations: int64
    }

/// A queue of work of one device: what is put into it runs in order.
[<AllowNullLiteral>]
type IDeviceStream =
    inherit System.IDisposable
    /// The driver's handle; 0 for the default stream or where there is none.
    abstract Handle: nativeint
    /// Whether everything that was asked for is done.
    abstract IsIdle: bool
    /// Waits until everything that was asked for is done.
    abstract Synchronize: unit -> unit
    /// Lets what comes next wait for what the other stream was asked for so far.
    abstract WaitFor: other: IDeviceStream -> unit

/// What a backend whose device has memory and queues of its own can tell and do besides computing.
[<AllowNullLiteral>]
type IAccelerator =
    abstract Properties: DeviceProperties
    abstract Memory: MemoryStatistics
    /// Lets the peaks begin again at what is held now.
    abstract ResetPeaks: unit -> unit
    /// Hands memory that no buffer uses back to the device.
    abstract ReleaseCache: unit -> unit
    /// Bytes of the device that nobody holds.
    abstract FreeMemory: int64
    /// The stream of this thread: what operations go into.
    abstract Stream: IDeviceStream with get, set
    abstract NewStream: priority: int -> IDeviceStream
    /// The handle of the matrix library; 0 where there is none.
    abstract BlasHandle: nativeint

/// A backend that takes elements from another device without going through the processor's memory.
[<AllowNullLiteral>]
type IPeer =
    /// Copies a row-major view of another backend to the front of a buffer of this one; false where it cannot.
    abstract TryCopyFrom: source: View * owner: IBackend * target: Buffer -> bool
