namespace Functional.Torch;

public static partial class torch
{
    public static partial class cuda
    {
        /// <summary>A queue of work of one card: what is put into it runs in order. Raises DeviceException where there is no card.</summary>
        public sealed class Stream : IDisposable, IEquatable<Stream>
        {
            readonly IBackend backend;
            // Null on devices that keep a single queue.
            readonly IDeviceStream? queue;

            /// <summary>A new queue of a card (the current one, if none is named); a lower number is more urgent.</summary>
            public Stream(Device? device = null, int priority = 0) : this(Of(device), (Card(device))?.NewStream(priority)) { }

            internal Stream(IBackend backend, IDeviceStream? queue) => (this.backend, this.queue) = (backend, queue);

            internal IDeviceStream? Queue => queue;
            internal IBackend Backend => backend;

            /// <summary>The card.</summary>
            public Device device => Device.Of(backend);
            /// <summary>The driver's handle; 0 for the queue that every card begins with.</summary>
            public nint cuda_stream => queue?.Handle ?? 0;

            /// <summary>Whether everything that was asked for is done.</summary>
            public bool query()
            {
                if (queue is not null) return queue.IsIdle;
                backend.Synchronize();
                return true;
            }

            /// <summary>Waits until everything that was asked for is done.</summary>
            public void synchronize()
            {
                if (queue is not null) queue.Synchronize();
                else backend.Synchronize();
            }

            /// <summary>Lets what comes next wait for what another stream was asked for so far.</summary>
            public void wait_stream(Stream stream)
            {
                if (queue is not null && stream.queue is not null) queue.WaitFor(stream.queue);
                else stream.synchronize();
            }

            /// <inheritdoc/>
            public bool Equals(Stream? other) => other is not null && ReferenceEquals(backend, other.backend) && cuda_stream == other.cuda_stream;
            /// <inheritdoc/>
            public override bool Equals(object? obj) => Equals(obj as Stream);
            /// <inheritdoc/>
            public override int GetHashCode() => HashCode.Combine(backend, cuda_stream);
            /// <inheritdoc/>
            public override string ToString() => $"<torch.cuda.Stream device={device} cuda_stream=0x{cuda_stream:x}>";
            /// <summary>Gives the queue back once it is idle.</summary>
            public void Dispose() => queue?.Dispose();
        }

        /// <summary>The queue that this thread's operations go into on a card (the current one, if none is named).</summary>
        public static Stream current_stream(Device? device = null) => new(Of(device), Card(device)?.Stream);

        /// <summary>What ends when it is disposed: the former queue and card are the current ones again.</summary>
        public sealed class StreamScope : IDisposable
        {
            readonly DeviceScope? card;
            readonly IAccelerator? accelerator;
            readonly IDeviceStream? before;

            internal StreamScope(Stream? stream)
            {
                if (stream is null) return;
                card = new DeviceScope(stream.device.index);
                if (stream.Backend is not IAccelerator queues || stream.Queue is null) return;
                (accelerator, before) = (queues, queues.Stream);
                queues.Stream = stream.Queue;
            }

            /// <summary>Makes the former queue and card the current ones again.</summary>
            public void Dispose()
            {
                if (accelerator is not null) accelerator.Stream = before;
                card?.Dispose();
            }
        }

        /// <summary>Lets this thread's operations go into a queue, on its card, until the scope is disposed; null changes nothing.</summary>
        public static StreamScope stream(Stream? stream) => new(stream);
    }
}
