// The stage: every chart, fed by one message a frame that holds only new rows; it answers each when it is painted.
/* global uPlot */
const YEAR = 12; // months between grid lines
const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const make = (tag, kind, parent, text) => {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
};
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
const clip = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
const number = (value) => String(value).replace("-", "−");

export default {
  template: '<div class="pp-stage"></div>',
  mounted() {
    this.columns = []; // one for each economy
    this.last = null;
    this.bands = null;
    this.watch = new MutationObserver(() => this.dress());
    this.watch.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    this.sizes = new ResizeObserver(() => this.resize());
    this.sizes.observe(this.$el);
    // The space bar plays, also after a button was clicked or a dialog closed, for whoever uses a mouse;
    // whoever comes by the keyboard presses with it the button that has the focus.
    this.onkey = (event) => this.key(event);
    this.onpointer = () => (this.mouse = true);
    for (const kind of ["keydown", "keyup"]) document.addEventListener(kind, this.onkey, true);
    document.addEventListener("pointerdown", this.onpointer, true);
    this.$emit("ready");
  },
  unmounted() {
    this.watch.disconnect();
    this.sizes.disconnect();
    for (const kind of ["keydown", "keyup"]) document.removeEventListener(kind, this.onkey, true);
    document.removeEventListener("pointerdown", this.onpointer, true);
    this.columns.forEach((column) => column.charts.forEach((chart) => chart.plot?.destroy()));
  },
  methods: {
    // ---- what the server calls ----
    open(setup) {
      const past = this.setup?.name === setup.name && this.columns.length === setup.economies.length ? this.columns : null;
      const ghosts = past?.map((column) => column.charts.map((chart) => chart.ghost ?? chart.values));
      this.setup = setup;
      this.bands = null;
      this.last = null;
      this.columns.forEach((column) => column.charts.forEach((chart) => {
        chart.plot?.destroy();
        this.sizes.unobserve(chart.node);
      }));
      this.$el.replaceChildren();
      const stage = make("div", "pp-economies", this.$el);
      this.columns = setup.economies.map((title, place) => this.column(stage, title, place));
      // What was played before stays in pale lines, unless the lower charts now show something else.
      this.columns.forEach((column, place) => column.charts.forEach((chart, which) => {
        chart.ghost = (ghosts && (which === 0 || past[0].second === setup.titles.second) && ghosts[place][which]) || null;
        column.second = setup.titles.second;
      }));
      const said = make("div", "pp-said", this.$el);
      this.month = make("strong", "pp-month", said);
      this.sentence = make("p", "", said);
      this.sentence.setAttribute("aria-live", "polite");
      this.timeline();
      this.dress();
    },
    frame(frame) {
      if (!this.setup) return;
      if (frame.setup !== this.setup.id) return; // meant for a stage that is no longer shown
      this.columns.forEach((column, place) => {
        column.charts.forEach((chart) => {
          const rows = frame[chart.kind][place];
          if (chart.x.length > frame.from) {
            if (chart.x.length > frame.month && frame.month > 0) chart.ghost = chart.values.map((row) => row.slice());
            if (frame.month === 0) chart.ghost = null;
            chart.x.length = frame.from;
            chart.values.forEach((row) => (row.length = frame.from));
          }
          const more = rows.length ? rows[0].length : 0;
          for (let row = 0; row < more; row++) chart.x.push(frame.from + row);
          rows.forEach((row, seller) => {
            for (const value of row) chart.values[seller].push(value);
          });
        });
        column.flows = frame.flows[place];
        column.causes = frame.causes[place];
        column.pull = frame.pull[place];
      });
      this.last = frame;
      if (this.pending) return;
      this.pending = requestAnimationFrame(() => {
        this.pending = 0;
        this.paint();
        this.$emit("painted", this.last.frame);
      });
    },
    band(bands) {
      this.bands = bands;
      this.paint();
    },
    async picture(name) {
      const scale = devicePixelRatio, box = this.$el.getBoundingClientRect(), foot = 76;
      const sheet = document.createElement("canvas");
      const bottom = this.month.parentElement.getBoundingClientRect().top - box.top;
      sheet.width = box.width * scale;
      sheet.height = (bottom + foot) * scale;
      const pen = sheet.getContext("2d");
      pen.fillStyle = css("--ground");
      pen.fillRect(0, 0, sheet.width, sheet.height);
      pen.scale(scale, scale);
      for (const canvas of this.$el.querySelectorAll("canvas")) {
        const at = canvas.getBoundingClientRect();
        if (at.width) pen.drawImage(canvas, at.left - box.left, at.top - box.top, at.width, at.height);
      }
      pen.textBaseline = "top";
      for (const node of this.$el.querySelectorAll("h2, h3, .pp-pull")) {
        const at = node.getBoundingClientRect(), look = getComputedStyle(node);
        pen.font = `${look.fontWeight} ${look.fontSize} ${FONT}`;
        pen.fillStyle = look.color;
        if (at.width) pen.fillText(node.textContent, at.left - box.left, at.top - box.top + 2);
      }
      pen.fillStyle = css("--ink");
      pen.font = `600 20px ${FONT}`;
      pen.fillText(`${this.month.textContent}   ${this.sentence.textContent}`, 10, bottom + 12, box.width - 20);
      pen.fillStyle = css("--muted");
      pen.font = `14px ${FONT}`;
      pen.fillText(`${this.setup.name} · pushpull`, 10, bottom + 44);
      const blob = await new Promise((done) => sheet.toBlob(done, "image/png"));
      const link = make("a", "", document.body);
      link.href = URL.createObjectURL(blob);
      link.download = name;
      link.click();
      link.remove();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    },
    // ---- building ----
    column(stage, title, place) {
      const section = make("section", "pp-economy", stage);
      section.setAttribute("aria-label", title);
      const head = make("header", "", section);
      make("h2", "", head, title);
      const column = { place, pullText: make("p", "pp-pull", head), flows: [], causes: [], pull: 0 };
      column.charts = ["share", "second"].map((kind) => {
        const figure = make("figure", `pp-chart pp-${kind}`, section);
        make("h3", "", figure, this.setup.titles[kind]);
        const chart = { kind, place, x: [], values: this.setup.sellers.map(() => []), ghost: null };
        chart.node = make("div", "pp-plot", figure);
        this.sizes.observe(chart.node);
        chart.node.setAttribute("role", "img");
        return chart;
      });
      const below = make("div", "pp-below", section);
      for (const kind of ["flows", "causes"]) {
        const figure = make("figure", `pp-${kind}`, below);
        const title = make("h3", "", figure, this.setup.titles[kind]);
        if (kind === "causes") make("span", "pp-note", title, ` (${this.setup.titles.window})`);
        column[`${kind}Canvas`] = make("canvas", "", make("div", "pp-draw", figure));
        column[`${kind}Canvas`].setAttribute("role", "img");
      }
      return column;
    },
    timeline() {
      const line = make("div", "pp-time", this.$el);
      this.marks = make("div", "pp-marks", line);
      const slider = (this.slider = make("input", "", line));
      Object.assign(slider, { type: "range", min: 0, max: this.setup.horizon, step: 1, value: 0 });
      slider.disabled = this.setup.readonly;
      slider.setAttribute("aria-label", "Timeline: months played");
      slider.addEventListener("input", () => { this.dragging = true; this.say(); });
      slider.addEventListener("change", () => {
        this.dragging = false;
        this.$emit("seek", Number(slider.value));
      });
    },
    say() {
      const played = this.last?.played ?? 0;
      this.slider.style.setProperty("--at", `${(100 * this.slider.value) / this.setup.horizon}%`);
      this.slider.style.setProperty("--played", `${(100 * played) / this.setup.horizon}%`);
      this.slider.setAttribute("aria-valuetext", `month ${this.slider.value} of ${this.setup.horizon}`);
    },
    dress() {
      if (!this.setup) return;
      this.look = {
        ink: css("--ink"), muted: css("--muted"), faint: css("--faint"), ground: css("--ground"),
        sellers: this.setup.sellers.map((seller) => ({
          line: css(`--seller-${seller.colour}`), ink: css(`--seller-ink-${seller.colour}`),
        })),
        causes: this.setup.causes.map((_, place) => css(`--cause-${place + 1}`)),
      };
      this.columns.forEach((column) => column.charts.forEach((chart) => this.plot(chart)));
      this.resize();
    },
    sizeOf(chart) {
      return { width: Math.max(chart.node.clientWidth, 120), height: Math.max(chart.node.clientHeight, 60) };
    },
    plot(chart) {
      chart.plot?.destroy();
      const { setup, look } = this, small = chart.kind !== "share";
      const ratio = devicePixelRatio, wide = chart.node.clientWidth > 500;
      const size = wide && !small ? 17 : 13;
      const measure = document.createElement("canvas").getContext("2d");
      measure.font = `600 ${wide ? 17 : 13}px ${FONT}`;
      chart.most = wide ? 14 : 9;
      // both charts keep the same room, so that their months stand under each other
      chart.room = Math.ceil(Math.max(...setup.sellers.map((seller) => measure.measureText(clip(seller.name, chart.most)).width))
        + measure.measureText("  99 %").width) + 10;
      chart.size = size;
      const axis = { stroke: look.muted, font: `${wide ? 15 : 12}px ${FONT}`, ticks: { show: false } };
      chart.plot = new uPlot(
        {
          ...this.sizeOf(chart),
          padding: [small ? 10 : 20, chart.room, 0, 0],
          legend: { show: false },
          cursor: { y: false, drag: { x: false, y: false }, points: { show: false }, sync: { key: `pp${this.$.uid}` } },
          select: { show: false },
          scales: {
            x: { time: false, range: () => [0, Math.max(setup.horizon - 1, 1)] },
            y: { range: () => this.range(chart.kind) },
          },
          axes: [
            { ...axis, size: small ? 24 : 8, gap: 4, grid: { show: false }, splits: () => this.years(wide), values: (_, months) => months.map((month) => (small ? month : "")) },
            {
              ...axis, size: wide ? 56 : 42, gap: 6, grid: { stroke: look.faint, width: 1 },
              values: (_, splits) => splits.map((value) => this.written(chart.kind, value)), space: small ? 26 : 34,
            },
          ],
          series: [{}].concat(
            setup.sellers.map((seller, place) => ({
              stroke: look.sellers[place].line, width: small ? 2.5 : 3.5, points: { show: false },
              dash: seller.dash.map((part) => part * ratio * (small ? 2 : 2.6)),
            })),
          ),
          hooks: {
            drawAxes: [(plot) => this.behind(chart, plot)],
            draw: [(plot) => this.labels(chart, plot)],
            setCursor: [(plot) => { if (chart.at !== plot.cursor.idx) { chart.at = plot.cursor.idx; plot.redraw(false); } }],
          },
        },
        [chart.x, ...chart.values],
        chart.node,
      );
    },
    years(wide) {
      const { horizon } = this.setup, every = YEAR * Math.max(1, Math.ceil(horizon / YEAR / (wide ? 10 : 5)));
      return Array.from({ length: Math.floor((horizon - 1) / every) + 1 }, (_, place) => place * every);
    },
    written(kind, value) {
      if (kind === "share") return `${Math.round(100 * value)} %`;
      return number(Number(value.toPrecision(3)));
    },
    // Both economies on the same scale; it widens at once and narrows only when the past is played anew.
    range(kind) {
      let low = Infinity, high = -Infinity;
      this.columns.forEach((column) => {
        const chart = column.charts.find((one) => one.kind === kind);
        const band = this.bands && kind === "share" ? [this.bands.share.high[column.place]] : [];
        [chart.values, ...(chart.ghost ? [chart.ghost] : []), ...band].forEach((rows) => rows.forEach((row) => {
          for (const value of row) {
            if (value === null) continue;
            if (value < low) low = value;
            if (value > high) high = value;
          }
        }));
      });
      if (kind === "share") return [0, Math.min(1, Math.max(0.5, Math.ceil(high * 10 + 0.3) / 10))];
      if (low > high) return [0, 1];
      const unit = 10 ** Math.floor(Math.log10(Math.max(high - low, Math.abs(high), 1e-9)) - 0.3);
      const from = Math.floor(Math.min(low, 0) / unit) * unit, to = Math.ceil(Math.max(high, 0) / unit) * unit;
      return to > from ? [from, to] : [from, from + unit];
    },
    // ---- painting ----
    resize() {
      this.columns.forEach((column) => {
        column.charts.forEach((chart) => {
          if (!chart.plot) return;
          const size = this.sizeOf(chart), was = chart.plot.width;
          if (Math.abs(was - size.width) > 60) this.plot(chart);
          else if (was !== size.width || chart.plot.height !== size.height) chart.plot.setSize(size);
        });
      });
      this.paint();
    },
    paint() {
      if (!this.look) return;
      const { last } = this;
      this.columns.forEach((column) => {
        column.charts.forEach((chart) => {
          chart.plot?.setData([chart.x, ...chart.values], true);
          const now = this.setup.sellers.map((seller, place) => [seller.name, chart.values[place].at(-1)]);
          const said = now.filter(([, value]) => value != null).map(([name, value]) => `${name} ${this.written(chart.kind, value)}`);
          chart.node.setAttribute("aria-label", `${this.setup.titles[chart.kind]}: ${said.join(", ") || "nothing yet"}`);
        });
        column.pullText.textContent = this.setup.pull.replace("{}", Math.round(100 * column.pull));
        column.pullText.style.setProperty("--pull", column.pull);
        this.drawFlows(column);
        this.drawCauses(column);
      });
      if (last && !this.dragging) this.slider.value = last.month;
      this.say();
      const words = last?.sentence || (last?.month ? "" : this.setup.hint);
      if (this.sentence.textContent !== words) this.sentence.textContent = words;
      this.month.textContent = last?.month ? `${this.setup.month} ${last.month - 1}` : this.setup.start;
      if (last) this.drawMarks(last.marks);
    },
    drawMarks(marks) {
      const key = JSON.stringify(marks);
      if (key === this.marked) return;
      this.marked = key;
      this.marks.replaceChildren();
      marks.forEach(([month, text]) => {
        const mark = make("i", "", this.marks);
        mark.style.left = `${(100 * month) / this.setup.horizon}%`;
        mark.title = `Month ${month}: ${text}`;
      });
    },
    behind(chart, plot) {
      const pen = plot.ctx, { left, top, width, height } = plot.bbox, ratio = devicePixelRatio;
      const x = (value) => plot.valToPos(value, "x", true), y = (value) => plot.valToPos(value, "y", true);
      pen.save();
      pen.beginPath();
      pen.rect(left, top, width, height);
      pen.clip();
      (this.last?.marks ?? []).forEach(([month]) => {
        pen.strokeStyle = this.look.muted;
        pen.globalAlpha = 0.6;
        pen.lineWidth = ratio;
        pen.setLineDash([2 * ratio, 4 * ratio]);
        pen.beginPath();
        pen.moveTo(x(month), top);
        pen.lineTo(x(month), top + height);
        pen.stroke();
      });
      pen.setLineDash([]);
      if (this.bands?.[chart.kind]) {
        const { low, high, middle } = this.bands[chart.kind];
        this.look.sellers.forEach((look, seller) => {
          const bottom = low[chart.place][seller], upper = high[chart.place][seller], mid = middle[chart.place][seller];
          if (!bottom?.some((value) => value !== null)) return;
          pen.fillStyle = pen.strokeStyle = look.line;
          pen.globalAlpha = 0.2;
          pen.beginPath();
          upper.forEach((value, month) => value !== null && pen.lineTo(x(month), y(value)));
          for (let month = bottom.length - 1; month >= 0; month--) if (bottom[month] !== null) pen.lineTo(x(month), y(bottom[month]));
          pen.fill();
          pen.globalAlpha = 0.7;
          pen.lineWidth = ratio;
          pen.beginPath();
          mid.forEach((value, month) => value !== null && pen.lineTo(x(month), y(value)));
          pen.stroke();
        });
      }
      chart.ghost?.forEach((row, seller) => {
        pen.strokeStyle = this.look.sellers[seller]?.line ?? this.look.muted;
        pen.globalAlpha = 0.45;
        pen.lineWidth = 1.5 * ratio;
        pen.beginPath();
        row.forEach((value, month) => value !== null && pen.lineTo(x(month), y(value)));
        pen.stroke();
      });
      pen.restore();
    },
    // Names stand in a margin of their own, level with the ends of the lines, and never over them.
    labels(chart, plot) {
      const pen = plot.ctx, ratio = devicePixelRatio, { left, top, width, height } = plot.bbox;
      const hover = chart.at != null && chart.at < chart.x.length;
      const row = hover ? chart.at : chart.x.length - 1;
      const names = this.setup.sellers
        .map((seller, place) => ({ seller, place, value: row < 0 ? null : chart.values[place][row] }))
        .map((one) => ({ ...one, gone: one.value == null && chart.values[one.place].slice(0, row + 1).some((value) => value != null) }))
        .filter(({ value, gone }) => value != null || (gone && chart.kind === "share"))
        .map((one) => ({ ...one, y: plot.valToPos(one.value ?? 0, "y", true) }))
        .sort((a, b) => a.y - b.y || b.gone - a.gone);
      // many sellers share the height
      const size = Math.max(9, Math.min(chart.size, Math.floor(plot.ctx.canvas.height / ratio / Math.max(names.length, 1)) - 3));
      const step = (size + 3) * ratio;
      names.forEach((one) => (one.at = Math.min(Math.max(one.y, top + step / 2), top + height - step / 2)));
      for (let turn = 0; turn < 60; turn++) {
        let moved = false;
        for (let place = 1; place < names.length; place++) {
          const gap = step - (names[place].at - names[place - 1].at);
          if (gap > 0.5) { names[place].at += gap / 2; names[place - 1].at -= gap / 2; moved = true; }
        }
        const first = names[0], end = names.at(-1);
        const roof = step / 2, floor = plot.ctx.canvas.height - step / 2;
        if (first && first.at < roof) { first.at = roof; moved = true; }
        if (end && end.at > floor) { end.at = floor; moved = true; }
        if (!moved) break;
      }
      pen.save();
      pen.textBaseline = "middle";
      pen.textAlign = "left";
      names.forEach(({ seller, place, value, gone, y, at }) => {
        const look = this.look.sellers[place];
        if (!gone) {
          pen.fillStyle = look.line;
          pen.beginPath();
          pen.arc(plot.valToPos(row, "x", true), y, (chart.kind === "share" ? 5 : 3.5) * ratio, 0, 7);
          pen.fill();
        }
        pen.fillStyle = look.ink;
        pen.font = `600 ${size * ratio}px ${FONT}`;
        const name = clip(seller.name, chart.most);
        pen.fillText(name, left + width + 8 * ratio, at);
        if (chart.kind === "share") {
          const across = pen.measureText(name).width;
          pen.font = `${size * ratio}px ${FONT}`;
          pen.fillText(gone ? "gone" : this.written("share", value), left + width + 14 * ratio + across, at);
        }
      });
      if (chart.kind === "share" && !hover) this.events(pen, plot);
      if (hover) {
        pen.fillStyle = this.look.muted;
        pen.font = `${13 * ratio}px ${FONT}`;
        pen.textAlign = "center";
        const across = plot.valToPos(row, "x", true);
        pen.fillText(`month ${row}`, Math.min(Math.max(across, left + 30 * ratio), left + width - 30 * ratio), top - 9 * ratio);
      }
      pen.restore();
    },
    // What happened, above the chart, at its month; what would not fit before the next is left to the log.
    events(pen, plot) {
      const ratio = devicePixelRatio, { left, top, width } = plot.bbox, marks = this.last?.marks ?? [];
      pen.fillStyle = this.look.muted;
      pen.font = `${13 * ratio}px ${FONT}`;
      pen.textAlign = "left";
      let free = left + width;
      [...marks].reverse().forEach(([month, text]) => {
        const x = Math.max(plot.valToPos(month, "x", true), left), room = free - x - 8 * ratio;
        const words = [text, text.split(" ")[0]].find((some) => pen.measureText(some).width <= room);
        if (!words) return;
        pen.fillText(words, x, top - 9 * ratio);
        free = x;
      });
    },
    pen(canvas) {
      const box = canvas.parentElement, ratio = devicePixelRatio;
      const width = box.clientWidth, height = box.clientHeight;
      if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
        canvas.width = Math.round(width * ratio);
        canvas.height = Math.round(height * ratio);
        canvas.style.width = `${width}px`;
        canvas.style.height = `${height}px`;
      }
      const pen = canvas.getContext("2d");
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      pen.textBaseline = "middle";
      return [pen, width, height];
    },
    nothing(pen, height) {
      pen.fillStyle = this.look.muted;
      pen.font = `14px ${FONT}`;
      pen.fillText(this.setup.nobody, 0, height / 2);
    },
    // Ribbons from the seller who lost a customer (left) to the one who won it (right).
    drawFlows(column) {
      const [pen, width, height] = this.pen(column.flowsCanvas);
      const flows = column.flows, total = flows.reduce((sum, flow) => sum + flow[2], 0);
      column.flowsCanvas.setAttribute("aria-label", `${this.setup.titles.flows}: ` + (total ? [...flows]
        .sort((a, b) => b[2] - a[2]).slice(0, 3).map(([from, to, amount]) =>
          `${this.setup.sellers[from].name} to ${this.setup.sellers[to].name} ${Math.round((100 * amount) / total)} %`)
        .join(", ") : this.setup.nobody));
      if (!total) return this.nothing(pen, height);
      const size = width > 260 ? 14 : 12, gap = 5;
      pen.font = `600 ${size}px ${FONT}`;
      const room = Math.max(...this.setup.sellers.map((seller) => pen.measureText(clip(seller.name, 10)).width)) + 10;
      const side = (which) => {
        const sums = this.setup.sellers.map((_, place) => flows.reduce((sum, flow) => sum + (flow[which] === place ? flow[2] : 0), 0));
        const shown = sums.filter((sum) => sum > 0).length;
        const scale = (height - 8 - gap * Math.max(shown - 1, 0)) / total;
        let at = 4;
        return sums.map((sum) => {
          const bar = { top: at, high: sum * scale, next: at };
          if (sum) at += sum * scale + gap;
          return bar;
        });
      };
      const lost = side(0), won = side(1), thick = 7, from = room, to = width - room;
      [...flows].sort((a, b) => a[0] - b[0] || a[1] - b[1]).forEach(([origin, target, amount]) => {
        const share = amount / flows.reduce((sum, flow) => sum + (flow[0] === origin ? flow[2] : 0), 0);
        const into = amount / flows.reduce((sum, flow) => sum + (flow[1] === target ? flow[2] : 0), 0);
        const a = lost[origin].next, high = lost[origin].high * share, b = won[target].next, wide = won[target].high * into;
        lost[origin].next += high;
        won[target].next += wide;
        const middle = (from + to) / 2;
        pen.globalAlpha = 0.42;
        pen.fillStyle = this.look.sellers[origin].line;
        pen.beginPath();
        pen.moveTo(from + thick, a);
        pen.bezierCurveTo(middle, a, middle, b, to - thick, b);
        pen.lineTo(to - thick, b + wide);
        pen.bezierCurveTo(middle, b + wide, middle, a + high, from + thick, a + high);
        pen.fill();
      });
      pen.globalAlpha = 1;
      [[lost, from, "right", -6], [won, to - thick, "left", thick + 6]].forEach(([bars, x, align, shift]) => {
        pen.textAlign = align;
        let free = -Infinity;
        bars.forEach((bar, place) => {
          if (!bar.high) return;
          pen.fillStyle = this.look.sellers[place].line;
          pen.fillRect(x, bar.top, thick, Math.max(bar.high, 1));
          const y = Math.max(bar.top + bar.high / 2, free + size, size / 2 + 1);
          if (bar.high < 3 && y > bar.top + bar.high / 2 + 2) return; // too small to name without pushing others
          if (y > height - size / 2 + 2) return;
          free = y;
          pen.fillStyle = this.look.sellers[place].ink;
          pen.fillText(clip(this.setup.sellers[place].name, 10), x + shift, y);
        });
      });
    },
    drawCauses(column) {
      const [pen, width, height] = this.pen(column.causesCanvas);
      const total = column.causes.reduce((sum, amount) => sum + amount, 0);
      const percent = column.causes.map((amount) => Math.round((100 * amount) / Math.max(total, 1)));
      column.causesCanvas.setAttribute("aria-label", `${this.setup.titles.causes}: ` + (total ? this.setup.causes
        .map((cause, place) => `${cause} ${percent[place]} %`).join(", ") : this.setup.nobody));
      if (!total) return this.nothing(pen, height);
      const size = width > 260 ? 14 : 13, step = Math.min(height / column.causes.length, 26);
      pen.font = `${size}px ${FONT}`;
      const room = Math.max(...this.setup.causes.map((cause) => pen.measureText(cause).width)) + 8;
      const most = Math.max(width - room - 42, 10), largest = Math.max(...column.causes);
      column.causes.forEach((amount, place) => {
        const y = step * (place + 0.5);
        pen.textAlign = "right";
        pen.fillStyle = amount ? this.look.ink : this.look.muted;
        pen.fillText(this.setup.causes[place], room - 8, y);
        const bar = (most * amount) / largest;
        pen.fillStyle = this.look.causes[place];
        pen.fillRect(room, y - step * 0.33, Math.max(bar, amount ? 2 : 0), step * 0.66);
        pen.textAlign = "left";
        pen.fillStyle = amount ? this.look.ink : this.look.muted;
        pen.fillText(amount && !percent[place] ? "<1 %" : `${percent[place]} %`, room + bar + 6, y);
      });
    },
    key(event) {
      const { target } = event;
      if (event.key === "Tab") this.mouse = false;
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector(".q-dialog, .q-menu")) return;
      const time = target === this.slider && this.mouse; // it was dragged: its keys are those of the page
      if (!time && target.closest("input, textarea, select, [role=combobox], [contenteditable]")) return;
      if (event.key !== " " && target.closest("[role=slider], [role=radiogroup]")) return;
      const word = { " ": "play", ArrowRight: "forward", ArrowLeft: "back", Home: "home" }[event.key];
      if (!word || (event.key === " " && !this.mouse && target.closest("button, a, [role=button]"))) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.type === "keydown") this.$emit("key", word);
    },
  },
};
