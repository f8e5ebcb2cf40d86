namespace Functional.Torch;

public static partial class torch
{
    public static partial class cuda
    {
        /// <summary>What a card's memory is used for; nothing where there is no card.</summary>
        static MemoryStatistics Statistics(Device? device) => is_available() && Card(device) is { } card ? card.Memory : default;

        /// <summary>Bytes that tensors hold on a card (the current one, if none is named); 0 where there is none.</summary>
        public static long memory_allocated(Device? device = null) => Statistics(device).Allocated;
        /// <summary>The most bytes that tensors held at once, since the beginning or reset_peak_memory_stats.</summary>
        public static long max_memory_allocated(Device? device = null) => Statistics(device).PeakAllocated;
        /// <summary>Bytes that are held of a card, for tensors and for those to come.</summary>
        public static long memory_reserved(Device? device = null) => Statistics(device).Reserved;
        /// <summary>The most bytes that were held of a card at once, since the beginning or reset_peak_memory_stats.</summary>
        public static long max_memory_reserved(Device? device = null) => Statistics(device).PeakReserved;

        /// <summary>Lets the maxima begin again.</summary>
        public static void reset_peak_memory_stats(Device? device = null)
        {
            if (is_available()) Card(device)?.ResetPeaks();
        }

        /// <summary>Lets the maximum begin again.</summary>
        public static void reset_max_memory_allocated(Device? device = null) => reset_peak_memory_stats(device);

        /// <summary>Hands memory that no tensor uses back to the card, for other programs.</summary>
        public static void empty_cache()
        {
            if (is_available()) Card(null)?.ReleaseCache();
        }

        /// <summary>Bytes of a card that are free, and all of them.</summary>
        public static (long free, long total) mem_get_info(Device? device = null) => Card(device) is { } card ? (card.FreeMemory, card.Properties.TotalMemory) : (0, 0);

        /// <summary>The statistics by PyTorch's names; empty where there is no card.</summary>
        public static Dictionary<string, long> memory_stats(Device? device = null)
        {
            if (!is_available()) return [];
            var told = Statistics(device);
            return new()
            {
                ["allocated_bytes.all.current"] = told.Allocated,
                ["allocated_bytes.all.peak"] = told.PeakAllocated,
                ["reserved_bytes.all.current"] = told.Reserved,
                ["reserved_bytes.all.peak"] = told.PeakReserved,
                ["allocation.all.allocated"] = told.Allocations,
            };
        }
    }
}
