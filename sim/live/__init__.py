"""The live workshop: economies side by side on the same draws, played, steered, rewound and taken away.

Below the browser, nothing here knows a page: `stage` is what plays (`play` how), `levers` what can be moved,
`player` the clock and who looks on, `rooms` and `game` who plays with whom, `again` the same run
many times over, `takeaway` what is carried home.
"""
